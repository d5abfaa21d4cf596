"""Whether the demo's people may be signed in by a click (rule O5).

A click does what the form does with the password that the demo publishes, so it opens nothing that the form would not.
It is offered to the machine that the server runs on alone, since nobody else was meant to see the list.
"""

import ipaddress
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest

from breathecode.demo.people import is_all_there_is

_FORWARDED = ("X-Forwarded-For", "X-Forwarded-Host", "X-Forwarded-Proto", "X-Real-Ip", "Forwarded", "Via")


def offers_demo(request: HttpRequest) -> bool:
    """Whether this request comes from the server's own machine, which serves the demo and nothing else.

    One query, and none for requests from elsewhere.
    """
    return serves_for_trying_out() and is_from_this_machine(request) and is_all_there_is()


def serves_for_trying_out() -> bool:
    """`DEBUG`, or tasks that run inside the web server; under an address of this machine, without a proxy."""
    is_simple = settings.DEBUG or settings.CELERY_BROKER_URL.startswith("memory:")
    return is_simple and not settings.TRUSTED_PROXY_COUNT and _is_loopback_name(urlsplit(settings.PUBLIC_URL).hostname)


def is_from_this_machine(request: HttpRequest) -> bool:
    """A loopback peer that no proxy speaks for, and that asked for this machine by name.

    The name keeps out a site elsewhere whose own name was made to lead here (DNS rebinding).
    """
    if any(name in request.headers for name in _FORWARDED):
        return False
    host = urlsplit(f"//{request.get_host()}").hostname
    return _is_loopback(request.META.get("REMOTE_ADDR", "")) and _is_loopback_name(host)


def _is_loopback_name(host: str | None) -> bool:
    return host == "localhost" or _is_loopback(host or "")


def _is_loopback(address: str) -> bool:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return False
    return (getattr(found, "ipv4_mapped", None) or found).is_loopback
