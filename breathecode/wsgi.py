"""The WSGI application, for gunicorn."""

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from breathecode.common.http.chunked import ChunkedBodies
from breathecode.settings.startup import load_settings_or_exit

load_settings_or_exit(code=3)  # gunicorn's own code for "this will not boot", on which it gives up
# The limit is more than any route takes, files and their envelope included.
application = ChunkedBodies(get_wsgi_application(), max_bytes=2 * settings.DATA_UPLOAD_MAX_MEMORY_SIZE)
