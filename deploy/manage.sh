#!/bin/sh
# Runs manage.py as the units run: their user, folder and environment. deploy/manage.sh migrate
set -eu

exec systemd-run --quiet --collect --wait --pty --pipe --uid=live-classes --working-directory=/srv/live-classes \
    --property=EnvironmentFile=/etc/live-classes.env /srv/live-classes/.venv/bin/python manage.py "$@"
