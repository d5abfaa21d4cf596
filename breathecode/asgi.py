"""The application for gunicorn: the WSGI application, whose threads (WEB_THREADS) wait for no client."""

import os

from breathecode.common.http.bridge import MAX_BYTES, WSGIBridge
from breathecode.wsgi import application as wsgi_application

application = WSGIBridge(
    wsgi_application,
    threads=int(os.environ.get("WEB_THREADS") or 4),
    max_bytes=MAX_BYTES,
)
