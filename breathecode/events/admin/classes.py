"""Live classes in the Django admin (rule R6)."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.actions import delete_selected as djangos_delete_selected
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.models import Cohort
from breathecode.common.admin import DomainAdmin, errors_of_field
from breathecode.common.models import lock
from breathecode.events.domain.lifecycle import check_movable, delete_class, has_taken_place, lock_class
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

    def times_changed(self) -> bool:
        return bool({"starting_at", "ending_at"}.intersection(self.changed_data))


@admin.register(LiveClass)
class LiveClassAdmin(DomainAdmin):
    """Plans can be changed here. Starting, ending and cancelling have consequences (mails, attendance): use the API."""

    form = LiveClassForm
    list_display = (
        "starting_at",
        "in_its_zone",
        "cohort",
        "academy",
        "title",
        "status",
        "moved_by_hand",
        "planned_date",
    )
    list_filter = (StatusFilter, "moved_by_hand", "starting_at", "academy")
    list_select_related = ("cohort_time_slot", "cohort", "academy")
    search_fields = ("title", "cohort__name", "cohort__slug", "=hash")
    date_hierarchy = "starting_at"
    ordering = ("-starting_at", "-id")
    raw_id_fields = ("cohort_time_slot",)
    actions = ("delete_selected",)
    fields = (
        "cohort_time_slot", "in_its_zone", ("starting_at", "ending_at"), "title", "remote_meeting_url", "log",
        "teacher", "replaces", "status", "started_at", "ended_at", "cancelled_at", "cancel_reason",
        "cancelled_by_schedule", "moved_by_hand", "kept_by_staff", "planned_date", "hash", "sequence",
        "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "in_its_zone", "teacher", "replaces", "status", "started_at", "ended_at", "cancelled_at", "cancel_reason",
        "cancelled_by_schedule", "moved_by_hand", "kept_by_staff", "planned_date", "hash", "sequence", "created_at",
        "updated_at",
    )  # fmt: skip

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
        """Whoever may delete the class may delete what hangs on it: nobody else could."""
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

    @admin.display(description=_("in the time slot's zone"), ordering="starting_at")
    def in_its_zone(self, live_class: LiveClass) -> str:
        """The admin itself shows and reads UTC."""
        zone = live_class.cohort_time_slot.timezone
        start, end = (moment.astimezone(ZoneInfo(zone)) for moment in (live_class.starting_at, live_class.ending_at))
        return f"{start:%a %Y-%m-%d %H:%M}-{end:%H:%M} {zone}"

    @admin.display(ordering="cohort__name")
    def cohort(self, live_class: LiveClass) -> str:
        return str(live_class.cohort.name)

    @admin.display(ordering="academy__name")
    def academy(self, live_class: LiveClass) -> str:
        return str(live_class.academy.name)
