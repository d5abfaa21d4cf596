#!/bin/sh
# debian.sh TESTS PACKAGE…: installs Debian's packages, which TESTS need. Where it cannot, it says so and leaves the verdict to
# the tests: the others are worth running. Services of the packages are not started.
set -eu
tests=$1
shift

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "$tests need Debian's package: $*. They will fail without." >&2
    exit 0
fi

echo "Installing $* for: $tests"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# RUNLEVEL=1 keeps invoke-rc.d from starting services.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
if ! { apt-get update -qq -o Acquire::Retries=3 &&
    apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 "$@"; } \
    >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "Could not be installed: $*. $tests need it." >&2
    exit 1
fi
