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

# Work that keeps one core busy at a time runs beside such work, one after another; what it said
# comes when it is waited for.
beside_folder=$(mktemp -d)
trap 'rm -rf "$beside_folder"' EXIT

beside() {  # a name, a command, a name, a command, ...
  beside_names=() beside_commands=()
  while (($#)); do
    beside_names+=("$1") beside_commands+=("$2")
    shift 2
  done
  for at in "${!beside_names[@]}"; do
    local started=$SECONDS
    ${beside_commands[at]} >"$beside_folder/$at.log" 2>&1
    echo "$? $((SECONDS - started))" >"$beside_folder/$at.done"
  done &
  beside_pid=$!
}

join() {
  wait "$beside_pid"
  for at in "${!beside_names[@]}"; do
    local name=${beside_names[at]} code took
    read -r code took <"$beside_folder/$at.done"
    if [ "$code" != 0 ]; then failed+=("$name"); fi
    printf '\n== %s\n' "$name"
    cat "$beside_folder/$at.log"
    report+=("$(printf '%-34s %3d min %02d s, beside others' "$name" $((took / 60)) $((took % 60)))")
  done
}

part "browser for the tests" bash tests/install_browser.sh
beside "types (mypy strict)" mypy "the built wheel" "bash tests/check_wheel.sh"
part "ruff check" ruff check .
part "ruff format" ruff format --check .
part "imports point one way" lint-imports
part "searches compiled once" planner warm
part "notebooks" python -m pytest --nbmake notebooks
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
