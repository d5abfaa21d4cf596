#!/bin/sh
# Sees to it that there is a RabbitMQ for the tests that start one. Where it cannot, it says what is missing and leaves
# the verdict to the tests. The package's own service is not started.
set -eu

if [ -x /usr/lib/rabbitmq/bin/rabbitmq-server ]; then exit 0; fi

if [ "$(id -u)" -ne 0 ] || ! command -v apt-get >/dev/null 2>&1; then
    echo "The tests of the queue need RabbitMQ (Debian's package rabbitmq-server). They will fail without." >&2
    exit 0
fi

echo "Installing RabbitMQ for the tests of the queue"
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# RUNLEVEL=1 keeps invoke-rc.d from starting the service.
export DEBIAN_FRONTEND=noninteractive RUNLEVEL=1
if ! { apt-get update -qq -o Acquire::Retries=3 &&
    apt-get install -y -qq --no-install-recommends -o Acquire::Retries=3 -o DPkg::Lock::Timeout=120 rabbitmq-server; } \
    >"$log" 2>&1 </dev/null; then
    cat "$log" >&2
    echo "RabbitMQ could not be installed; the tests of the queue need it." >&2
    exit 1
fi
