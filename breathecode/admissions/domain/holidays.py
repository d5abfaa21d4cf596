"""Writing holidays (rule G13). `schedules` builds what follows from them."""

from typing import Any

from django.db import IntegrityError
from django.utils.translation import gettext as _

from breathecode.admissions.models import Holiday
from breathecode.common.errors import ValidationFailed


def save_holiday(holiday: Holiday, *, fields: dict[str, Any]) -> Holiday:
    """Creates the holiday, or changes the given fields alone; triggers make the time slots due that it concerns.

    Raises `validation-error` on `ends_on`.
    """
    for name, value in fields.items():
        setattr(holiday, name, value)
    try:
        holiday.save(update_fields=None if holiday._state.adding else {*fields, "updated_at"})
    except IntegrityError as error:
        # The dates were checked against a row that another request has changed since.
        raise ValidationFailed(
            {"ends_on": [_("Another user has changed these dates. Reload them and try again.")]}
        ) from error
    return holiday


def delete_holiday(holiday: Holiday) -> None:
    """Opens the dates again: the next build restores the classes that it cancelled."""
    holiday.delete()


def save_holidays(holidays: list[Holiday]) -> list[Holiday]:
    """Creates them in one statement."""
    return Holiday.objects.bulk_create(holidays)
