#!/bin/sh
# Sees to it that there are an nginx and a Caddy for the tests of the samples in deploy/.
set -eu

PATH="$PATH:/usr/sbin"
missing=
for program in nginx caddy openssl; do
    command -v "$program" >/dev/null 2>&1 || missing="$missing $program"
done
# shellcheck disable=SC2086 # several names
[ -z "$missing" ] || exec sh "$(dirname "$0")/debian.sh" "The tests of the proxies" $missing
