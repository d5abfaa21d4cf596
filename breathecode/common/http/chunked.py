"""Request bodies without a Content-Length: `Transfer-Encoding: chunked` (RFC 9112, 7.1)."""

import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any

Environ = dict[str, Any]
Application = Callable[[Environ, Callable[..., Any]], Iterable[bytes]]
IN_MEMORY_BYTES = 64 * 1024


class ChunkedBodies:
    """WSGI middleware that sets CONTENT_LENGTH for a chunked body, after reading it.

    The server decodes the chunks and ends the input (`wsgi.input_terminated`), but Django reads only CONTENT_LENGTH
    bytes, so without a length the body would be empty. At most `max_bytes` + 1 bytes are read, so that a body that is
    too large is refused by the limit of its route. Raises what the server raises for a truncated body.
    """

    def __init__(self, application: Application, *, max_bytes: int) -> None:
        self.application = application
        self.max_bytes = max_bytes

    def __call__(self, environ: Environ, start_response: Callable[..., Any]) -> Iterable[bytes]:
        if environ.get("wsgi.input_terminated") and not environ.get("CONTENT_LENGTH") and _is_chunked(environ):
            environ["wsgi.input"], length = self._read(environ["wsgi.input"])
            environ["CONTENT_LENGTH"] = str(length)
        return self.application(environ, start_response)

    def _read(self, chunks: IO[bytes]) -> tuple[IO[bytes], int]:
        body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY_BYTES)  # noqa: SIM115  (Django reads and closes it)
        left = self.max_bytes + 1
        while left and (part := chunks.read(min(left, IN_MEMORY_BYTES))):
            left -= body.write(part)
        length = body.tell()
        body.seek(0)
        return body, length


def _is_chunked(environ: Environ) -> bool:
    return "chunked" in environ.get("HTTP_TRANSFER_ENCODING", "").lower()
