"""The application for gunicorn: the WSGI application, whose threads (WEB_THREADS) wait for no client."""

from django.conf import settings

from breathecode.common.http.bridge import MAX_BYTES, WSGIBridge
from breathecode.wsgi import application as wsgi_application

application = WSGIBridge(
    wsgi_application,
    threads=settings.WEB_THREADS,
    max_bytes=MAX_BYTES,
)
