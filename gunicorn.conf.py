"""How the web server runs. The environment variables it reads: BIND, PORT, WEB_CONCURRENCY."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import socket
import tempfile
from contextlib import suppress
from typing import Any


def _positive(name: str, default: int) -> int:
    text = os.environ.get(name) or str(default)
    if not text.isdecimal() or int(text) < 1:
        raise SystemExit(f"{name} must be a whole number from 1 on, not {text!r}.")
    return int(text)


def _allow_many_sockets() -> None:
    """As many as the system lets this process have: each connection is one."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != hard:
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


_has_broker = bool(os.environ.get("CELERY_BROKER_URL"))

bind = os.environ.get("BIND") or f"127.0.0.1:{_positive('PORT', 8000)}"
# A connection costs a socket and no thread: `breathecode.asgi` gives complete requests to WEB_THREADS threads.
worker_class = "asgi"
asgi_lifespan = "off"
asgi_loop = "asyncio"
workers = _positive("WEB_CONCURRENCY", 2 if _has_broker else 1)
# One socket for all processes, which outlives each of them: a reload refuses and resets no connection (decision 16).
reuse_port = False
timeout = 60
graceful_timeout = 30
keepalive = 5
# The application writes the request log, with ids that gunicorn cannot know.
accesslog = None
# A heartbeat file on a real disk can block a worker for as long as the disk is busy.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108
# Its place is in the home folder, which may be missing and which two servers of one user would share.
control_socket_disable = True

if workers > 1 and not _has_broker:
    raise SystemExit(
        f"WEB_CONCURRENCY={workers} needs CELERY_BROKER_URL: without a broker the tasks run inside the "
        "web process, so there can be only one. Set CELERY_BROKER_URL, or WEB_CONCURRENCY=1."
    )


def on_starting(server: Any) -> None:
    """Refuse an address that is taken at once, with a sentence; gunicorn itself tries for five seconds."""
    # Attributes of the master outlive a reload, which executes this file again.
    server.metrics_dir, server.old_pids, server.pids_to_replace = "", set(), []
    _allow_many_sockets()
    if "GUNICORN_PID" in os.environ:  # a binary upgrade: the old master still holds the address, as it should
        return
    if "LISTEN_FDS" not in os.environ:  # set: systemd listens already, and hands its socket over
        for address in server.cfg.address:
            if isinstance(address, tuple):
                _refuse_taken(address)
    # Here, once: each worker would find a wrong setting by itself and say so again.
    from django.conf import settings

    from breathecode.settings.startup import load_settings_or_exit, warnings

    load_settings_or_exit()
    for sentence in warnings(settings):
        server.log.warning(sentence)
    if workers > 1 and not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        # Several processes add up their metrics in files, and look for their place on the first import.
        server.metrics_dir = tempfile.mkdtemp(prefix="breathecode-metrics-")
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = server.metrics_dir


def _refuse_taken(address: tuple[str, int]) -> None:
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
            probe.listen()
        except OSError as error:
            host, port = address
            raise SystemExit(f"Cannot serve on {host}:{port}: {error.strerror}. PORT chooses another.") from None


def on_reload(server: Any) -> None:
    """Keep the old workers until the new ones have booted; gunicorn would end them once it has forked the new ones.

    Each new worker ends its share of the old ones when it is ready. Until they are gone, they count as wanted.
    """
    server.old_pids = set(server.WORKERS)
    server.pids_to_replace = [sorted(server.old_pids)[first::workers] for first in range(workers)]
    server.num_workers += len(server.old_pids)


def pre_fork(server: Any, worker: Any) -> None:
    worker.replaces = server.pids_to_replace.pop() if server.pids_to_replace else []


def post_worker_init(worker: Any) -> None:
    from breathecode.common.observability.masking import MaskKeys

    worker.log.error_log.addFilter(MaskKeys())
    if not _has_broker:
        from breathecode.celery import start_embedded_worker

        start_embedded_worker()
    # From here on it obeys signals; one that comes while it boots is lost.
    worker.log.info("Worker ready at http://%s (pid: %s)", bind, worker.pid)
    for pid in worker.replaces:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGTERM)


def child_exit(server: Any, worker: Any) -> None:
    if worker.pid in server.old_pids:
        server.old_pids.remove(worker.pid)
        server.num_workers -= 1
    # One that ended before it was ready leaves this to the worker that takes its place.
    if left := [pid for pid in worker.replaces if pid in server.old_pids]:
        server.pids_to_replace.append(left)
    if os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


def on_exit(server: Any) -> None:
    if server.metrics_dir:
        shutil.rmtree(server.metrics_dir, ignore_errors=True)
