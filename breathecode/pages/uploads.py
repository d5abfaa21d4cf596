"""Files that are shown with what they lead to before they are imported (rules U4, P9, P11).

Nothing is kept on the server meanwhile: what was read goes to the browser and back with the form, signed.
"""

import lzma
from collections.abc import Sequence
from typing import Any

import orjson
from django.core import signing
from django.utils.translation import gettext as _

from breathecode.common.errors import ValidationFailed
from breathecode.pages.forms import PageForm

FORMAT = "columns"  # part of the salt: what another version of the product has signed is refused
SECONDS = 24 * 60 * 60  # after which a page that was left open imports nothing


def content_of(form: PageForm, *, max_bytes: int) -> bytes:
    """The bytes of the field `file`. Raises `validation-error` where the form is not valid or the file is too large."""
    if not form.is_valid():
        raise ValidationFailed({})
    content: bytes = form.cleaned_data["file"].read(max_bytes + 1)
    if len(content) > max_bytes:
        sentence = _("The file is too large: at most {size} KiB can be read.").format(size=max_bytes // 1024)
        raise ValidationFailed({"file": [sentence]})
    return content


class _Columns:
    """By column, the rows take a third less than as Django compresses them: 5,000 people fit into a page (rule V6)."""

    def dumps(self, rows: Sequence[Sequence[Any]]) -> bytes:
        return lzma.compress(orjson.dumps(list(zip(*rows, strict=True))), format=lzma.FORMAT_ALONE)

    def loads(self, content: bytes) -> list[tuple[Any, ...]]:
        return list(zip(*orjson.loads(lzma.decompress(content)), strict=True))


def sign(rows: Sequence[Sequence[Any]], *, salt: str) -> str:
    """`rows` are equally long, of what JSON has; `salt` names the page, and whom and what they are for."""
    return signing.dumps(rows, salt=f"{FORMAT}.{salt}", serializer=_Columns)


def unsign(text: str, *, salt: str) -> list[tuple[Any, ...]]:
    """Raises `validation-error` for what `sign` did not return for this salt within a day."""
    try:
        rows: list[tuple[Any, ...]] = signing.loads(text, salt=f"{FORMAT}.{salt}", serializer=_Columns, max_age=SECONDS)
    except signing.BadSignature as error:
        sentence = _("This preview can no longer be imported. Choose the file again.")
        raise ValidationFailed({"file": [sentence]}) from error
    return rows
