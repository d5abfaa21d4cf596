#!/bin/sh
# Sees to it that there is a Chromium for the browser tests. Where it cannot, it says what is missing and leaves the
# verdict to the tests: the others are worth running.
set -eu

for browser in "${CHROMIUM:-/usr/bin/chromium}" chromium chromium-browser google-chrome; do
    if command -v "$browser" >/dev/null 2>&1; then exit 0; fi
done

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The browser tests need Chromium: install it, or name one in CHROMIUM. They will fail without." >&2
    exit 0
fi

echo "Installing Chromium for the browser tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
export DEBIAN_FRONTEND=noninteractive
if ! { apt-get update -qq -o Acquire::Retries=3 &&
    apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 chromium; } \
    >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "Chromium could not be installed; the browser tests need it." >&2
    exit 1
fi
