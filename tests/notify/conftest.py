import pytest


@pytest.fixture
def mail_server(smtp_sink, settings):
    """The product sends to a real server, through the backend that production uses."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = smtp_sink.port
    settings.EMAIL_TIMEOUT = 10  # a busy machine answers late; tests of slowness ask for less
    return smtp_sink
