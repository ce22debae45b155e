#!/usr/bin/env bash
# Install Debian's Chromium for the browser tests, if there is none yet.
set -uo pipefail
for browser in chromium chromium-browser google-chrome; do
  if command -v "$browser" >/dev/null 2>&1; then
    echo "Using $browser."
    exit 0
  fi
done
if ! command -v apt-get >/dev/null 2>&1; then
  echo "No browser found. Install Chromium, then run this again." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then as_root=(sudo); fi
"${as_root[@]}" apt-get update -qq &&
  DEBIAN_FRONTEND=noninteractive "${as_root[@]}" apt-get install -y -qq --no-install-recommends \
    chromium fonts-dejavu-core
