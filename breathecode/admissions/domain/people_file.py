"""Reading a CSV file of people, strictly: every row that cannot be taken is named with its line (rule U4).

Lines are counted as an editor shows them: a quoted value may hold line breaks, so a row may span several. A row is
named with the line that it begins on.
"""

import csv
import dataclasses
import io
import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from breathecode.admissions.models import CohortUser
from breathecode.common.db.fields import validate_no_invisible
from breathecode.common.errors import PayloadTooLarge, ValidationFailed
from breathecode.common.text import one_line

MAX_BYTES = 1024 * 1024
MAX_ROWS = 5_000
COLUMNS = ("email", "first_name", "last_name", "role")
DELIMITERS = ",;\t"
_LINE_ENDS = re.compile(r"\r\n|\r|\n")
_SEPARATOR_LINE = re.compile(rf"\"?sep=([{DELIMITERS}])\"?", re.IGNORECASE)
T = TypeVar("T")


@dataclasses.dataclass(frozen=True, slots=True)
class PersonRow:
    line: int
    email: str
    first_name: str
    last_name: str
    role: str


def read_people(raw: bytes) -> list[PersonRow]:
    """UTF-8 with or without a byte order mark; commas, semicolons or tabs, as the header shows.

    Raises `payload-too-large` (over 1 MiB) and `validation-error`, its errors keyed `file` or `line 3`.
    """
    if len(raw) > MAX_BYTES:
        raise PayloadTooLarge(limit=MAX_BYTES)
    records = _records(_decoded(raw))
    line, header = next(records, (1, []))
    columns = _columns(line, header)
    problems = Problems()
    rows = [row for line, cells in records if (row := problems.catch(line, _reader(line, columns, cells)))]
    if not rows and not problems.by_line:
        raise ValidationFailed({"file": [_("The file contains no users.")]})
    problems.add_doubles(rows)
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

    def add_doubles(self, rows: list[PersonRow]) -> None:
        first: dict[str, int] = {}
        for row in rows:
            if (line := first.setdefault(row.email, row.line)) != row.line:
                sentence = _("{email} is already on line {line}.").format(email=row.email, line=line)
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


def _columns(line: int, header: list[str]) -> list[str]:
    names = [name.strip().lower() for name in header]
    while names and not names[-1]:  # spreadsheets write the empty columns at the end of a sheet too
        names.pop()
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        sentence = _("Unknown column {name}. Valid columns are: {columns}.")
        found = sentence.format(name=f"“{unknown[0][:100]}”", columns=", ".join(COLUMNS))
    elif "email" not in names:
        found = _("The first line must contain the column names, including email.")
    elif len(set(names)) < len(names):
        found = _("A column name appears more than once.")
    else:
        return names
    raise ValidationFailed({f"line {line}": [found]})


def _reader(line: int, columns: list[str], cells: list[str]) -> Callable[[], PersonRow]:
    return lambda: _row(line, columns, [one_line(cell) for cell in cells])


def _row(line: int, columns: list[str], cells: list[str]) -> PersonRow:
    """Raises Django's ValidationError with every problem of the row."""
    if any(cells[len(columns) :]):
        raise ValidationError(_("This row has more values than columns."))
    values = {**dict.fromkeys(COLUMNS, ""), **dict(zip(columns, cells, strict=False))}
    email, role = values["email"].lower(), values["role"].upper() or CohortUser.Role.STUDENT.value
    problems = [
        *_email_problems(email),
        *(_("{name} is too long.").format(name=n) for n in ("first_name", "last_name") if len(values[n]) > 150),
    ]
    if role not in CohortUser.Role.values:
        expected = ", ".join(CohortUser.Role.values)
        problems.append(
            _("{role} is not a valid role. Valid roles are: {expected}.").format(role=role[:50], expected=expected)
        )
    if problems:
        raise ValidationError(problems)
    return PersonRow(line, email, values["first_name"], values["last_name"], role)


def _email_problems(email: str) -> list[str]:
    if not email:
        return [_("The e-mail address is missing.")]
    try:
        validate_email(email)
        validate_no_invisible(email)
    except ValidationError:
        return [_("{value} is not a valid e-mail address.").format(value=email[:100])]
    return [_("The e-mail address is too long.")] if len(email) > 254 else []
