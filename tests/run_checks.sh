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

part "browser for the tests" bash tests/install_browser.sh
part "ruff check" ruff check .
part "ruff format" ruff format --check .
part "types (mypy strict)" mypy
part "imports point one way" lint-imports
part "tests and real places" python -m pytest -n 2 --dist worksteal -m "not browser" --durations=30
part "journeys in a browser" python -m pytest -m browser tests/browser
part "notebooks" python -m pytest --nbmake notebooks
part "the built wheel" bash tests/check_wheel.sh

printf '\n== minutes\n'
printf '%s\n' "${report[@]}"
if ((${#failed[@]})); then
  printf 'FAILED: %s\n' "${failed[@]}"
  exit 1
fi
printf 'Every part passed.\n'
