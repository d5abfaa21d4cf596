"""Which network address a request comes from, for limits that count by address (rule U2)."""

import functools
import ipaddress
import logging

from django.conf import settings
from django.http import HttpRequest

logger = logging.getLogger(__name__)

# Networks of reverse proxies. Not `is_private`, which also covers documentation and other ranges.
_PROXY_NETWORKS = [
    ipaddress.ip_network(network)
    for network in ("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "fc00::/7", "fe80::/10")
]


def client_address(request: HttpRequest) -> str:
    """The caller's address; behind proxies of ours, the one that the outermost of them saw.

    Empty where everybody would have the same: a loopback address, a Unix socket, or a proxy that
    `TRUSTED_PROXY_COUNT` does not account for. Fifty wrong passwords of one client would then lock out all of them.
    """
    peer = request.META.get("REMOTE_ADDR", "")
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    trusted = settings.TRUSTED_PROXY_COUNT
    if not trusted and hops and (_is_local(peer) or _is_private(peer)):
        _warn_once()
        return ""
    address = hops[-trusted] if trusted and len(hops) >= trusted else peer
    return "" if _is_local(address) else address


def _ip(address: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        found = ipaddress.ip_address(address)
    except ValueError:
        return None
    return getattr(found, "ipv4_mapped", None) or found


def _is_local(address: str) -> bool:
    ip = _ip(address)
    return not address or (ip is not None and ip.is_loopback)


def _is_private(address: str) -> bool:
    ip = _ip(address)
    return ip is not None and any(ip in network for network in _PROXY_NETWORKS)


@functools.cache
def _warn_once() -> None:
    logger.warning(
        "A proxy sends X-Forwarded-For, but TRUSTED_PROXY_COUNT is not set: incorrect passwords are counted per "
        "account only, not per IP address. Set TRUSTED_PROXY_COUNT to the number of proxies in front."
    )
