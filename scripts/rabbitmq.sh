#!/bin/sh
# Sees to it that there is a RabbitMQ for the tests that start one.
set -eu

[ -x /usr/lib/rabbitmq/bin/rabbitmq-server ] ||
    exec sh "$(dirname "$0")/debian.sh" "The tests of the queue" rabbitmq-server
