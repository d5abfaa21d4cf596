"""The application for gunicorn: the WSGI application, whose threads (WEB_THREADS) wait for no client."""

import os

from django.conf import settings

from breathecode.common.http.bridge import WSGIBridge
from breathecode.wsgi import application as wsgi_application

application = WSGIBridge(
    wsgi_application,
    threads=int(os.environ.get("WEB_THREADS") or 4),
    # More than any route takes, files and their envelope included.
    max_bytes=2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE,
)
