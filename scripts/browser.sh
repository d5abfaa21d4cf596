#!/bin/sh
# Sees to it that there is a Chromium for the browser tests; CHROMIUM names another.
set -eu

for browser in "${CHROMIUM:-/usr/bin/chromium}" chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then exit 0; fi
done
exec sh "$(dirname "$0")/debian.sh" "The browser tests" chromium
