"""Reading a CSV file of people: every row that cannot be taken is named with its line (rule U4)."""

import dataclasses

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from breathecode.admissions.models import CohortUser
from breathecode.common.csv_files import read_rows
from breathecode.common.db.fields import validate_no_invisible

COLUMNS = ("email", "first_name", "last_name", "role")


@dataclasses.dataclass(frozen=True, slots=True)
class PersonRow:
    line: int
    email: str
    first_name: str
    last_name: str
    role: str


def read_people(raw: bytes) -> list[PersonRow]:
    """Raises `payload-too-large` (over 1 MiB) and `validation-error`, its errors keyed `file` or `line 3`."""
    return read_rows(
        raw,
        columns=COLUMNS,
        required="email",
        read=_row,
        identity=lambda row: (row.email, row.email),
        nothing=_("The file contains no users."),
    )


def _row(line: int, values: dict[str, str]) -> PersonRow:
    """Raises Django's ValidationError with every problem of the row."""
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
