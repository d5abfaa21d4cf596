"""Live classes in the Django admin (rule R6)."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.actions import delete_selected as djangos_delete_selected
from django.contrib.admin.helpers import ActionForm
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from breathecode.admissions.models import Cohort
from breathecode.common.admin import DomainAdmin, RecordedHistory, errors_of_field
from breathecode.common.errors import ApiError
from breathecode.common.models import lock
from breathecode.events.domain.lifecycle import (
    MAX_DURATION,
    cancel_class,
    check_movable,
    delete_class,
    has_taken_place,
    lock_class,
    restore_class,
)
from breathecode.events.domain.lists.rows import join_url
from breathecode.events.domain.writing import change_class, check_no_other_class, check_times, create_class
from breathecode.events.models import STATUS_LOOKUPS, LiveClass


class StatusFilter(admin.SimpleListFilter):
    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return LiveClass.Status.choices

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> QuerySet[LiveClass]:
        """What happened last to a class is its status, as `status_of` has it."""
        return queryset.filter(**STATUS_LOOKUPS.get(self.value() or "", {}))


class TimeFilter(admin.SimpleListFilter):
    """The coming classes, the next one first, unless something else is asked for. A search looks at all classes."""

    title = _("time")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("past", _("Past")), ("all", _("All"))]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": _("Coming and running")}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> QuerySet[LiveClass]:
        now = timezone.now()
        if self.value() == "past":
            return queryset.filter(ending_at__lte=now)
        # No class is longer: the index of the starts then leaves out what is over.
        return (
            queryset.filter(starting_at__gt=now - MAX_DURATION, ending_at__gt=now)
            if shows_coming(request)
            else queryset
        )


def shows_coming(request: HttpRequest) -> bool:
    """Whether the list is that of the coming classes, as it is where nothing was asked for."""
    return not request.GET.get("when") and not request.GET.get("q")


class CancelForm(ActionForm):
    reason = forms.CharField(label=_("Reason (to cancel):"), required=False, max_length=500)


class LiveClassForm(forms.ModelForm):  # type: ignore[type-arg]  # generic to the type checker alone
    def clean(self) -> dict[str, Any]:
        """As the API: rules W1 and W4."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if "starting_at" in cleaned and "ending_at" in cleaned:
            slot_id = self.instance.cohort_time_slot_id or getattr(cleaned.get("cohort_time_slot"), "pk", None)
            with errors_of_field(self, "ending_at"):
                check_times(cleaned["starting_at"], cleaned["ending_at"])
            if slot_id is not None:
                with errors_of_field(self, "starting_at"):
                    check_no_other_class(slot_id, cleaned["starting_at"], but=self.instance.pk)
        if self.instance.pk is not None and self.times_changed():
            with errors_of_field(self, None):
                check_movable(self.instance)
        return cleaned

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        labels = {"starting_at": _("Starts (UTC)"), "ending_at": _("Ends (UTC)"), "log": _("Notes (JSON)")}
        for name in labels.keys() & self.fields.keys():
            self.fields[name].label = labels[name]

    def times_changed(self) -> bool:
        return bool({"starting_at", "ending_at"}.intersection(self.changed_data))


@admin.register(LiveClass)
class LiveClassAdmin(RecordedHistory, DomainAdmin):
    """Plans can be changed here, and classes cancelled and restored; to start and end them is for those who teach.

    `attendance.admin` adds the roll to the form.
    """

    form = LiveClassForm
    action_form = CancelForm
    recorded_as = "live_class"
    list_display = ("in_its_zone", "cohort", "academy", "title", "status", "moved_by_hand")
    list_display_links = ("in_its_zone",)
    list_filter = (TimeFilter, StatusFilter, "moved_by_hand", "starting_at", "academy")
    list_select_related = ("cohort_time_slot", "cohort", "academy")
    search_fields = ("^cohort__name", "^cohort__slug", "=hash")
    search_help_text = _(
        "Beginning of the cohort's name or slug, or the last part of a join link. All classes are searched."
    )
    raw_id_fields = ("cohort_time_slot",)
    actions = ("cancel_classes", "restore_classes", "delete_selected")
    fields = (
        "cohort_time_slot", "in_its_zone", ("starting_at", "ending_at"), "title", "remote_meeting_url", "join_link",
        "teacher", "replaces", "status", "started_at", "ended_at", "cancelled_at", "cancel_reason", "moved_by_hand",
        "planned_date", "log", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "in_its_zone", "join_link", "teacher", "replaces", "status", "started_at", "ended_at", "cancelled_at",
        "cancel_reason", "moved_by_hand", "planned_date", "created_at", "updated_at",
    )  # fmt: skip

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        return ("starting_at", "id") if shows_coming(request) else ("-starting_at", "-id")

    @admin.action(permissions=["change"], description=_("Cancel selected classes"))
    def cancel_classes(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> None:
        """As the API: people who were told of a class are told (rule W6)."""
        reason = " ".join(request.POST.get("reason", "").replace("\x00", "").split())[:500]
        done = self._each(request, queryset, partial(cancel_class, reason=reason))
        if done:
            text = ngettext("%(count)d class cancelled.", "%(count)d classes cancelled.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    @admin.action(permissions=["change"], description=_("Restore selected classes"))
    def restore_classes(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> None:
        """As the API (rules W6, G15)."""
        done = self._each(request, queryset, restore_class)
        if done:
            text = ngettext("%(count)d class restored.", "%(count)d classes restored.", done)
            self.message_user(request, text % {"count": done}, messages.SUCCESS)

    def _each(self, request: HttpRequest, chosen: QuerySet[LiveClass], change: Callable[..., Any]) -> int:
        """Changes one class after the other and names those that refuse it; returns how many were changed."""
        done = 0
        for live_class in chosen.order_by("starting_at", "pk"):
            try:
                change(live_class.pk, now=timezone.now(), within=LiveClass.objects.all())
            except ApiError as problem:
                self.message_user(request, f"{self.in_its_zone(live_class)}: {problem.detail}", messages.ERROR)
            else:
                done += 1
        return done

    def get_queryset(self, request: HttpRequest) -> QuerySet[LiveClass]:
        classes: QuerySet[LiveClass] = super().get_queryset(request)
        return classes.select_related("cohort_time_slot", "cohort", "academy")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        # In another time slot it would be another cohort's class.
        return (*self.readonly_fields, "cohort_time_slot") if obj else self.readonly_fields

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> LiveClass | None:
        """For a write, read under the cohort's lock: what was checked on the form then still holds when it is saved."""
        if request.method == "POST" and (found := super().get_object(request, object_id, from_field)):
            lock_class(found.pk)
        read: LiveClass | None = super().get_object(request, object_id, from_field)
        return read

    def write(self, row: LiveClass, fields: dict[str, Any]) -> None:
        """As the API (rules W1, W4)."""
        if row._state.adding:
            names = ("starting_at", "ending_at", "title", "remote_meeting_url", "log")
            fields = {"cohort_time_slot": row.cohort_time_slot_id, **{name: getattr(row, name) for name in names}}
            created = create_class(academy_id=row.cohort_time_slot.cohort.academy_id, fields=fields)
            row.pk, row.cohort, row.academy = created.pk, created.cohort, created.academy
        else:
            change_class(row.pk, fields=fields, now=timezone.now(), within=LiveClass.objects.all())

    def lock(self, row: LiveClass) -> None:
        """`get_object` holds the lock, so that what was checked on the form still holds when it is saved."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Generated classes are cancelled, and what took place stays (rule W6)."""
        allowed = super().has_delete_permission(request, obj)
        return allowed and (not isinstance(obj, LiveClass) or (obj.planned_date is None and not has_taken_place(obj)))

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        """Permission to delete the class includes its dependent rows."""
        to_delete, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        return to_delete, counts, perms_needed & {LiveClass._meta.verbose_name}, protected

    def delete_model(self, request: HttpRequest, obj: LiveClass) -> None:
        """As the API: people who were reminded of the class are told. `get_object` holds the lock."""
        delete_class(obj.pk, within=LiveClass.objects.all())

    @admin.action(permissions=["delete"], description=_("Delete selected %(verbose_name_plural)s"))
    def delete_selected(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> Any:
        """All of them or none: no class begins between Django's look at it and its end."""
        with transaction.atomic():
            lock(Cohort, *queryset.order_by().values_list("cohort_id", flat=True))
            return djangos_delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> None:
        for live_class in queryset.order_by("pk"):
            self.delete_model(request, live_class)

    @admin.display(description=_("time, in the time slot's zone"), ordering="starting_at")
    def in_its_zone(self, live_class: LiveClass) -> str:
        """The fields of the form are in UTC."""
        zone = live_class.cohort_time_slot.timezone
        start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (live_class.starting_at, live_class.ending_at))
        return f"{date_format(start, 'D j M Y')}, {start:%H:%M}-{end:%H:%M} ({zone})"

    @admin.display(description=_("join link"))
    def join_link(self, live_class: LiveClass) -> str:
        """It asks who you are, and leads staff to the meeting too (rule J2)."""
        url = join_url(live_class.hash)
        return format_html('<a href="{}">{}</a>', url, url)

    @admin.display(ordering="cohort__name")
    def cohort(self, live_class: LiveClass) -> str:
        return str(live_class.cohort.name)

    @admin.display(ordering="academy__name")
    def academy(self, live_class: LiveClass) -> str:
        return str(live_class.academy.name)
