from typing import Any

from django.conf import settings
from django.core import checks

from breathecode.settings.startup import warnings


@checks.register
def warn_where_mails_wait(app_configs: Any = None, **kwargs: Any) -> list[checks.CheckMessage]:
    """Seen in `manage.py check` and `migrate`; the web server says it itself (gunicorn.conf.py)."""
    return [checks.Warning(sentence, id="notify.W001") for sentence in warnings(settings)]
