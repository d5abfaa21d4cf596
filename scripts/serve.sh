#!/bin/sh
# Migrates, collects the static files and serves. With --demo, an empty database gets the demo academy first.
set -eu
cd "$(dirname "$0")/.."
python=.venv/bin/python

export PORT="${PORT:-8000}"
if [ -z "${PUBLIC_URL:-}" ]; then
    export PUBLIC_URL="http://localhost:$PORT"
    # Only here is it known that nobody else is meant to reach this server.
    export ALLOWED_HOSTS="${ALLOWED_HOSTS:-localhost,127.0.0.1}"
    # Without a mail server, invitations can be read here.
    export EMAIL_URL="${EMAIL_URL:-consolemail://console}"
fi

mkdir -p var
if [ -z "${SECRET_KEY:-}" ]; then
    # Kept, so that sessions and links outlive a restart; written aside first, so that half a key is never read.
    if [ ! -s var/secret_key ]; then
        (umask 077 && $python -c 'import secrets; print(secrets.token_urlsafe(64))' >var/secret_key.new)
        mv var/secret_key.new var/secret_key
    fi
    SECRET_KEY=$(cat var/secret_key)
    export SECRET_KEY
fi

$python manage.py migrate --noinput -v 0
$python manage.py collectstatic --noinput -v 0
if [ "${1:-}" = --demo ]; then
    $python manage.py demo --if-empty
else
    echo "Serving on port $PORT; open $PUBLIC_URL"
fi
exec $python -m gunicorn -c gunicorn.conf.py breathecode.asgi
