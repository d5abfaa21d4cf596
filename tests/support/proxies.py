"""nginx and Caddy as `deploy/` configures them, on free ports of 127.0.0.1, with a certificate made for the test.

Only ports, the certificate and the folder of the logs are other than in the samples.
"""

from __future__ import annotations

import abc
import http.client
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from email.message import Message
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

from tests.support.processes import ROOT, Process, ServerError, free_port

HOST = "classes.example.org"
# Debian's, but for the folders: what its package's nginx.conf says around the sample.
NGINX = """
daemon off;
{user}
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 768; }}
http {{
    include /etc/nginx/mime.types;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    ssl_protocols TLSv1 TLSv1.1 TLSv1.2 TLSv1.3;
    access_log {folder}/access.log;
    gzip on;
    include {folder}/live-classes.conf;
}}
"""


class Answer(NamedTuple):
    status: int
    headers: Message
    body: bytes


class Proxy(abc.ABC):
    """A running proxy; `log()` is all that it has written, its own messages too."""

    def __init__(self, folder: Path, upstream: str) -> None:
        self.folder, self.upstream = folder, urlsplit(upstream).netloc
        self.http_port, self.https_port = free_port(), free_port()
        _make_certificate(folder)
        self.process = self.start()

    @abc.abstractmethod
    def start(self) -> Process: ...

    def log(self) -> str:
        return "".join(path.read_text(errors="replace") for path in sorted(self.folder.glob("*.log")))

    def connect(self, *, https: bool = True) -> socket.socket:
        connection = socket.create_connection(("127.0.0.1", self.https_port if https else self.http_port), timeout=60)
        if not https:
            return connection
        return self._trusted().wrap_socket(connection, server_hostname=HOST)

    def request(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        *,
        https: bool = True,
    ) -> Answer:
        """One request on a connection of its own; redirects are not followed."""
        connection = http.client.HTTPConnection(HOST, timeout=60)
        connection.sock = self.connect(https=https)
        try:
            connection.request(method, path, body, dict(headers or {}))
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers, answer.read())
        finally:
            connection.close()

    def answers(self) -> bool:
        try:
            return self.request("GET", "/healthz").status == 200
        except OSError:
            return False

    def _trusted(self) -> ssl.SSLContext:
        return ssl.create_default_context(cafile=str(self.folder / "certificate.pem"))

    def _sample(self, path: str, replaced: Mapping[str, str]) -> str:
        text = (ROOT / "deploy" / path).read_text()
        for old, new in replaced.items():
            assert old in text, f"{path} has no {old!r}"
            text = text.replace(old, new)
        return text


class Nginx(Proxy):
    def start(self) -> Process:
        folder = self.folder
        live = f"/etc/letsencrypt/live/{HOST}"
        replaced = {
            "listen 80;": f"listen 127.0.0.1:{self.http_port};",
            "listen 443 ssl;": f"listen 127.0.0.1:{self.https_port} ssl;",
            "    listen [::]:80;\n": "",
            "    listen [::]:443 ssl;\n": "",
            "127.0.0.1:8000": self.upstream,
            f"{live}/fullchain.pem": f"{folder}/certificate.pem",
            f"{live}/privkey.pem": f"{folder}/key.pem",
            "/var/log/nginx": str(folder),
            "/var/www/html": str(folder),
        }
        (folder / "live-classes.conf").write_text(self._sample("nginx/live-classes.conf", replaced))
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(NGINX.format(folder=folder, user=user))
        command: list[str | Path] = [
            _program("nginx"),
            "-p",
            folder,
            "-e",
            folder / "start.log",
            "-c",
            folder / "nginx.conf",
        ]
        checked = subprocess.run([*command, "-t"], capture_output=True, text=True, timeout=60, check=False)
        assert (checked.returncode, "[warn]" in checked.stderr) == (0, False), checked.stderr
        return Process(command, log=folder / "out.log")


class Caddy(Proxy):
    def start(self) -> Process:
        folder = self.folder
        ports = f"\n\thttp_port {self.http_port}\n\thttps_port {self.https_port}"
        replaced = {
            "{\n\tservers {": f"{{\n\tadmin off\n\tdefault_bind 127.0.0.1{ports}\n\tservers {{",
            f"\n{HOST} {{": f"\n{HOST} {{\n\ttls {folder}/certificate.pem {folder}/key.pem",
            "127.0.0.1:8000": self.upstream,
            "/var/log/caddy": str(folder),
        }
        config = folder / "Caddyfile"
        config.write_text(self._sample("caddy/Caddyfile", replaced))
        command: list[str | Path] = [_program("caddy"), "run", "--adapter", "caddyfile", "--config", config]
        return Process(command, log=folder / "out.log", env={"HOME": str(folder), "PATH": os.environ["PATH"]})


def _make_certificate(folder: Path) -> None:
    command: list[str | Path] = [
        *(
            "openssl",
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:prime256v1",
            "-nodes",
            "-days",
            "2",
        ),
        *("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}"),
        *("-keyout", folder / "key.pem", "-out", folder / "certificate.pem"),
    ]
    subprocess.run(command, capture_output=True, timeout=60, check=True)


def _program(name: str) -> str:
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        raise ServerError(f"These tests need {name}: `make proxies` installs Debian's package.")
    return found


@contextmanager
def proxy(kind: type[Proxy], upstream: str) -> Iterator[Proxy]:
    """In front of the server at the address `upstream`. Raises `ServerError` where the program is not installed."""
    folder = Path(tempfile.mkdtemp(prefix="breathecode-proxy-"))
    try:
        server = kind(folder, upstream)
        try:
            server.process.wait_until(server.answers, seconds=60)
            yield server
        finally:
            server.process.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)
