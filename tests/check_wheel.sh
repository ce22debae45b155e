#!/usr/bin/env bash
# Build the wheel, install it in a clean environment away from the source, and use it as a person would.
set -euo pipefail
cd "$(dirname "$0")/.."
root=$PWD
work=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$work"' EXIT

uv build --quiet --wheel --no-build-isolation --out-dir "$work/dist"
python -m venv "$work/clean"
sed '/below this line/,$d' requirements.lock >"$work/app.lock"
pip=(clean/bin/python -m pip --quiet --disable-pip-version-check install --no-compile)
cd "$work"
unset VIRTUAL_ENV PYTHONPATH
"${pip[@]}" --require-hashes --requirement app.lock
"${pip[@]}" --no-deps dist/*.whl

# Machine code compiled for the source serves its copy, once the copy is seen to be one. Numba goes
# by the time of the file.
copy=$(clean/bin/python -c 'import planner; print(*planner.__path__)')
for file in $(cd "$root/planner" && find . -name '*.py'); do
  cmp "$root/planner/$file" "$copy/$file"
  touch -r "$root/planner/$file" "$copy/$file"
done
for kept in $(cd "$root/planner" && find . -name '*.nb[ci]'); do
  mkdir -p "$copy/$(dirname "$kept")"
  cp "$root/planner/$kept" "$copy/$kept"
done

export XDG_CACHE_HOME="$work/cache"
clean/bin/planner demo place
clean/bin/planner run place -o out
test -s out/report.html && test -s out/map.html && test -s out/areas.csv
port=$(python -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
clean/bin/planner app --port "$port" --no-browser >app.log 2>&1 &
server=$!
for _ in $(seq 240); do
  if python "$root/tests/check_served.py" "$port" 2>/dev/null; then
    echo "The installed wheel ran the demo place and opened the app."
    exit 0
  fi
  sleep 1
done
cat app.log >&2
echo "The app did not answer." >&2
exit 1
