#!/usr/bin/env bash
# Every check the README promises, one part after another, with the minutes each took.
set -uo pipefail
cd "$(dirname "$0")/.."
failed=()
report=()

part() {
  local name=$1 started=$SECONDS
  shift
  printf '\n== %s\n' "$name"
  if ! "$@"; then failed+=("$name"); fi
  local took=$((SECONDS - started))
  report+=("$(printf '%-34s %3d min %02d s' "$name" $((took / 60)) $((took % 60)))")
}

# Work that keeps one core busy at a time runs beside such work; what it said comes after it.
beside() {
  beside_name=$1 beside_log=$(mktemp) beside_started=$SECONDS
  shift
  ("$@" >"$beside_log" 2>&1; code=$?; echo "$SECONDS" >"$beside_log.done"; exit $code) &
  beside_pid=$!
}

join() {
  if ! wait "$beside_pid"; then failed+=("$beside_name"); fi
  printf '\n== %s\n' "$beside_name"
  cat "$beside_log"
  local took=$(($(cat "$beside_log.done") - beside_started))
  rm -f "$beside_log" "$beside_log.done"
  report+=("$(printf '%-34s %3d min %02d s, beside others' "$beside_name" $((took / 60)) $((took % 60)))")
}

part "browser for the tests" bash tests/install_browser.sh
beside "the built wheel" bash tests/check_wheel.sh
part "ruff check" ruff check .
part "ruff format" ruff format --check .
part "imports point one way" lint-imports
part "searches compiled once" planner warm
part "notebooks" python -m pytest --nbmake notebooks
join
beside "types (mypy strict)" mypy
part "tests and real places" python -m pytest -n 2 --dist loadfile -m "not browser" --durations=30
join
part "journeys in a browser" python -m pytest -n 2 --dist worksteal --durations=10 -m browser tests/browser

printf '\n== minutes\n'
printf '%s\n' "${report[@]}"
if ((${#failed[@]})); then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
printf 'Every part passed.\n'
