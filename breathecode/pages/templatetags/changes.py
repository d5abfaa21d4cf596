"""Tags for histories: what was changed, in the words of the pages (rule P8)."""

import datetime
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django import template
from django.conf import settings
from django.db import models
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.models import Cohort, CohortUser, Syllabus, SyllabusVersion
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.history.domain.undo import MODELS
from breathecode.history.models import Change
from breathecode.pages.fields import DAYS
from breathecode.pages.templatetags.moments import moment, spoken_date

register = template.Library()
Names = Mapping[tuple[type[models.Model], int], str]
_MODELS: dict[str, type[models.Model]] = {
    **MODELS,
    Change.Kind.ENROLMENT: CohortUser,
    Change.Kind.LIVE_CLASS: LiveClass,
}
_EMPTY: tuple[Any, ...] = (None, "", [], {})
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z")  # as histories hold it
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_HOURS = ("starting_at", "ending_at")  # of a time slot: HHMM
# What the page says anyway, and the part of addresses that says nothing beside the name.
_NOT_SHOWN: dict[str, frozenset[str]] = {
    Change.Kind.COHORT: frozenset({"slug"}),
    Change.Kind.TIME_SLOT: frozenset({"cohort"}),
    Change.Kind.ENROLMENT: frozenset({"cohort"}),
    Change.Kind.LIVE_CLASS: frozenset({"cohort_time_slot", "replaces"}),
}
_LABELS: dict[str, Any] = {
    "starting_at": gettext_lazy("Starts at"),
    "ending_at": gettext_lazy("Ends at"),
    "started_at": gettext_lazy("Started at"),
    "ended_at": gettext_lazy("Ended at"),
    "cancelled_at": gettext_lazy("Cancelled at"),
    "cancel_reason": gettext_lazy("Why it was cancelled"),
    "moved_by_hand": gettext_lazy("Moved by hand"),
    "moved_from": gettext_lazy("Before the move"),
    "move_reason": gettext_lazy("Why it was moved"),
    "title": gettext_lazy("Title"),
    "remote_meeting_url": gettext_lazy("Meeting link"),
    "online_meeting_url": gettext_lazy("Meeting link"),
    "teacher": gettext_lazy("Substitute"),
    "log": gettext_lazy("Notes"),
    "recurrent": gettext_lazy("Takes place more than once"),
    "recurrency_type": gettext_lazy("Repeats"),
    "interval": gettext_lazy("Every"),
    "weekdays": gettext_lazy("Weekdays"),
    "removed_at": gettext_lazy("Removed at"),
    "timezone": gettext_lazy("Time zone"),
    "kickoff_date": gettext_lazy("First day"),
    "ending_date": gettext_lazy("Last day"),
    "starts_on": gettext_lazy("First day"),
    "ends_on": gettext_lazy("Last day"),
    "never_ends": gettext_lazy("It never ends"),
    "stage": gettext_lazy("Stage"),
    "language": gettext_lazy("Language"),
    "syllabus": gettext_lazy("Syllabus"),
    "syllabus_version": gettext_lazy("Version of the syllabus"),
    "name": gettext_lazy("Name"),
    "cohort": gettext_lazy("Cohort"),
    "user": gettext_lazy("Person"),
    "role": gettext_lazy("Role"),
    "educational_status": gettext_lazy("Status"),
}


@register.simple_tag
def names_in(changes: Iterable[Change]) -> Names:
    """Names of what the changes refer to, by model and id: a statement for each kind of object, however many."""
    wanted: defaultdict[type[models.Model], set[int]] = defaultdict(set)
    for change in changes:
        for name, pair in _shown(change):
            if model := _referred_to(change, name):
                wanted[model].update(pk for pk in pair if isinstance(pk, int))
    return {
        (model, row.pk): _NAMES[model](row)
        for model, ids in wanted.items()
        if model in _NAMES
        for row in model._default_manager.filter(pk__in=ids)
    }


@register.simple_tag(takes_context=True)
def changed_fields(context: dict[str, Any], change: Change) -> SafeString:
    """The fields of a change, a line each, from what to what; of what was made or removed, what it was.

    `names` of the context are those of `names_in`.
    """
    lines = (
        (_label(change, name), _before_and_after([_text(context, change, name, value) for value in pair]))
        for name, pair in _shown(change)
    )
    return format_html_join(mark_safe("<br>"), "<span>{}: {}</span>", lines)


def _shown(change: Change) -> list[tuple[str, list[Any]]]:
    """Name and values of each field; without those that are empty before and after, as of a creation."""
    left_out = _NOT_SHOWN.get(change.kind, frozenset())
    fields = ((name, pair) for name, pair in sorted(change.changes.items()) if name not in left_out)
    return [(name, pair) for name, pair in fields if pair[0] not in _EMPTY or pair[1] not in _EMPTY]


def _before_and_after(texts: list[Any]) -> SafeString:
    before, after = texts
    if not before:
        return format_html("<ins>{}</ins>", after)
    if not after:
        return format_html("<del>{}</del>", before)
    return format_html("<del>{}</del> → <ins>{}</ins>", before, after)


def _field(change: Change, name: str) -> Any:
    fields = {field.name: field for field in _MODELS.get(change.kind, LiveClass)._meta.fields}
    return fields.get(name)


def _referred_to(change: Change, name: str) -> Any:
    return getattr(_field(change, name), "related_model", None)


def _label(change: Change, name: str) -> str:
    return str(_LABELS[name]) if name in _LABELS else str(capfirst(name.replace("_", " ")))


def _text(context: dict[str, Any], change: Change, name: str, value: Any) -> Any:
    if value in _EMPTY:
        return ""
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    if model := _referred_to(change, name):
        names: Names = context.get("names") or {}
        return names.get((model, value), _("since deleted"))
    if change.kind == Change.Kind.TIME_SLOT and name in _HOURS:
        return f"{value // 100:02}:{value % 100:02}"
    return _plain(context, name, value, choices=dict(getattr(_field(change, name), "choices", None) or ()))


def _plain(context: dict[str, Any], name: str, value: Any, *, choices: Mapping[Any, Any]) -> Any:
    if isinstance(value, dict):
        return _("changed")
    if isinstance(value, list):
        days = dict(DAYS)
        return ", ".join(str(days.get(item, item)) for item in value)
    if name == "language":
        return dict(settings.LANGUAGES).get(value, value)
    text = str(value)
    if value in choices:
        return choices[value]
    if _DATE.fullmatch(text):
        return spoken_date(context, datetime.date.fromisoformat(text))
    instant = parse_datetime(text) if _INSTANT.fullmatch(text) else None
    return text[:200] if instant is None else moment(context, instant)


_NAMES: dict[type[models.Model], Any] = {
    User: User.get_full_name,
    Cohort: lambda cohort: cohort.name,
    Syllabus: lambda syllabus: syllabus.name,
    SyllabusVersion: lambda version: str(version.version),
}
