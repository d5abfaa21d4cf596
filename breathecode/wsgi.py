"""The WSGI application, which `breathecode.asgi` serves."""

from importlib import import_module

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from breathecode.settings.startup import load_settings_or_exit

load_settings_or_exit(code=3)  # gunicorn's own code for "this will not boot", on which it gives up
if settings.TRACES_ENABLED:
    from breathecode.common.observability.tracing import start_tracing

    start_tracing()  # before Django loads its middleware
application = get_wsgi_application()
# Django imports the views with the first request; a worker that says it is ready answers that one as fast as others.
import_module(settings.ROOT_URLCONF)
