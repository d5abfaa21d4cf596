"""The application for gunicorn: the WSGI application, whose threads (WEB_THREADS) wait for no client."""

import os

from breathecode.common.http.body_limit import MAX_BYTES
from breathecode.common.http.bridge import WSGIBridge
from breathecode.wsgi import application as wsgi_application

application = WSGIBridge(
    wsgi_application,
    threads=int(os.environ.get("WEB_THREADS") or 4),
    max_bytes=MAX_BYTES,
)
