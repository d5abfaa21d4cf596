"""Reading CSV files strictly: every row that cannot be taken is named with its line (rules U4, P11).

Lines are counted as an editor shows them: a quoted value may hold line breaks, so a row may span several. A row is
named with the line that it begins on.
"""

import csv
import io
import re
from collections.abc import Callable, Hashable, Iterator
from typing import Protocol, TypeVar

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from breathecode.common.errors import PayloadTooLarge, ValidationFailed
from breathecode.common.text import one_line

MAX_BYTES = 1024 * 1024
MAX_ROWS = 5_000
DELIMITERS = ",;\t"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_SEPARATOR_LINE = re.compile(rf"\"?sep=([{DELIMITERS}])\"?", re.IGNORECASE)


class Row(Protocol):
    @property
    def line(self) -> int: ...


T = TypeVar("T", bound=Row)


def read_rows(
    raw: bytes,
    *,
    columns: tuple[str, ...],
    required: str,
    read: Callable[[int, dict[str, str]], T],
    identity: Callable[[T], tuple[Hashable, str]],
    nothing: str,
) -> list[T]:
    """The rows of a UTF-8 file, with or without a byte order mark; commas, semicolons or tabs, as the header shows.

    `read(line, values)` makes a row of its values by column, empty where the file has none, or raises Django's
    ValidationError with every problem of the row. `identity(row)` is what no two rows share, and its words. `nothing`
    is the sentence about a file without rows. Raises `payload-too-large` (over 1 MiB) and `validation-error`, its
    errors keyed `file` or `line 3`.
    """
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge(limit=MAX_BYTES)
    records = _records(_decoded(raw))
    line, header = next(records, (1, []))
    names = _columns(line, header, columns=columns, required=required)
    problems = Problems()
    rows = [row for line, cells in records if (row := problems.catch(line, _reader(line, names, columns, cells, read)))]
    if not rows and not problems.by_line:
        raise ValidationFailed({"file": [nothing]})
    problems.add_doubles(rows, identity)
    problems.raise_if_any()
    return rows


class Problems:
    """What is wrong, by line, so that one answer tells all of it."""

    def __init__(self) -> None:
        self.by_line: dict[int, list[str]] = {}

    def catch(self, line: int, read: Callable[[], T]) -> T | None:
        try:
            return read()
        except ValidationError as error:
            self.by_line.setdefault(line, []).extend(error.messages)
            return None

    def add_doubles(self, rows: list[T], identity: Callable[[T], tuple[Hashable, str]]) -> None:
        first: dict[Hashable, int] = {}
        for row in rows:
            key, words = identity(row)
            if (line := first.setdefault(key, row.line)) != row.line:
                sentence = _("{value} is already on line {line}.").format(value=words, line=line)
                self.by_line.setdefault(row.line, []).append(sentence)

    def raise_if_any(self) -> None:
        if self.by_line:
            raise ValidationFailed({f"line {line}": self.by_line[line] for line in sorted(self.by_line)})


def _decoded(raw: bytes) -> str:
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = len(_LINE_ENDS.split(raw[: error.start].decode("latin-1")))
        # Guessing the encoding would turn names into nonsense without anybody noticing.
        raise ValidationFailed(
            {f"line {line}": [_("The file is not encoded as UTF-8. Save it as “CSV UTF-8”.")]}
        ) from error
    if "\x00" in text:
        line = len(_LINE_ENDS.split(text[: text.index("\x00")]))
        raise ValidationFailed({f"line {line}": [_("The file contains null characters. Upload a plain text file.")]})
    return text


def _records(text: str) -> Iterator[tuple[int, list[str]]]:
    """Line of beginning and cells of each record that is not blank. Raises `validation-error`."""
    delimiter, text = _delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    count = 0
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            sentence = _("This row could not be parsed: {reason}.").format(reason=error)
            raise ValidationFailed({f"line {line}": [sentence]}) from error
        if any(cell.strip() for cell in cells):
            yield line, cells
            count += 1
        if count > MAX_ROWS + 1:  # the header is none of them
            raise ValidationFailed(
                {
                    "file": [
                        _("The file has more than {maximum} rows. Split it into smaller files.").format(
                            maximum=MAX_ROWS
                        )
                    ]
                }
            )


def _delimiter(text: str) -> tuple[str, str]:
    """The delimiter, and the text without the line `sep=;` that Excel writes and reads before the header.

    That line becomes blank, so that the others keep their numbers.
    """
    first = _LINE_ENDS.split(text, maxsplit=1)[0]
    named = _SEPARATOR_LINE.fullmatch(first.strip())
    if named:
        return named[1], text[len(first) :]
    header = _LINE_ENDS.split(text.lstrip("\r\n"), maxsplit=1)[0]
    return max(DELIMITERS, key=header.count), text


def _columns(line: int, header: list[str], *, columns: tuple[str, ...], required: str) -> list[str]:
    names = [name.strip().lower() for name in header]
    while names and not names[-1]:  # spreadsheets write the empty columns at the end of a sheet too
        names.pop()
    unknown = [name for name in names if name not in columns]
    if unknown:
        sentence = _("Unknown column {name}. Valid columns are: {columns}.")
        found = sentence.format(name=f"“{unknown[0][:100]}”", columns=", ".join(columns))
    elif required not in names:
        found = _("The first line must contain the column names, including {name}.").format(name=required)
    elif len(set(names)) < len(names):
        found = _("A column name appears more than once.")
    else:
        return names
    raise ValidationFailed({f"line {line}": [found]})


def _reader(
    line: int, names: list[str], columns: tuple[str, ...], cells: list[str], read: Callable[[int, dict[str, str]], T]
) -> Callable[[], T]:
    cleaned = [one_line(cell) for cell in cells]
    values = {**dict.fromkeys(columns, ""), **dict(zip(names, cleaned, strict=False))}

    def row() -> T:
        if any(cleaned[len(names) :]):
            raise ValidationError(_("This row has more values than columns."))
        return read(line, values)

    return row
