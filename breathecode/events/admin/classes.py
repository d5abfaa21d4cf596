"""Live classes in the Django admin (rule R6)."""

from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.contrib import admin
from django.contrib.admin.actions import delete_selected as djangos_delete_selected
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from breathecode.common.admin import TimestampedAdmin
from breathecode.common.errors import ApiError
from breathecode.events.domain.lifecycle import delete_class, has_taken_place, lock_class
from breathecode.events.domain.versions import bump_classes_version
from breathecode.events.domain.writing import check_times
from breathecode.events.errors import ClassAlreadyStarted, LiveClassAlreadyExists
from breathecode.events.fields import day_of_class
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
            try:
                check_times(cleaned["starting_at"], cleaned["ending_at"])
            except ApiError as error:
                self.add_error("ending_at", str(error.detail))
            self._check_no_other_class(cleaned)
        there = self.instance.pk is not None
        if there and self.times_changed() and (self.instance.ended_at or has_taken_place(self.instance)):
            self.add_error(None, str(ClassAlreadyStarted.default_detail))
        return cleaned

    def _check_no_other_class(self, cleaned: dict[str, Any]) -> None:
        slot = cleaned.get("cohort_time_slot") or self.instance.cohort_time_slot_id
        same = LiveClass.objects.filter(cohort_time_slot=slot, starting_at=cleaned["starting_at"])
        if same.exclude(pk=self.instance.pk).exists():
            self.add_error("starting_at", str(LiveClassAlreadyExists.default_detail))

    def times_changed(self) -> bool:
        return bool({"starting_at", "ending_at"}.intersection(self.changed_data))


@admin.register(LiveClass)
class LiveClassAdmin(TimestampedAdmin):
    """Plans can be changed here. Starting, ending and cancelling have consequences (mails, attendance): use the API."""

    SHOWN_IN_CALENDARS = frozenset({"starting_at", "ending_at", "title", "remote_meeting_url"})

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
        "status", "started_at", "ended_at", "cancelled_at", "cancel_reason", "cancelled_by_schedule", "moved_by_hand",
        "kept_by_staff", "planned_date", "hash", "sequence", "created_at", "updated_at",
    )  # fmt: skip
    readonly_fields = (
        "in_its_zone", "status", "started_at", "ended_at", "cancelled_at", "cancel_reason", "cancelled_by_schedule",
        "moved_by_hand", "kept_by_staff", "planned_date", "hash", "sequence", "created_at", "updated_at",
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

    def save_model(self, request: HttpRequest, obj: LiveClass, form: Any, change: bool) -> None:
        """Lists show it at once (rule O2), and no rebuild moves it back (rule W4)."""
        if not change:
            bump_classes_version(cohort_ids=[obj.cohort_time_slot.cohort_id])
            obj.save()
            return
        changed = set(form.changed_data)
        if form.times_changed():
            obj.moved_by_hand = True
            obj.day = day_of_class(obj)
            changed |= {"moved_by_hand", "day"}
        if changed & self.SHOWN_IN_CALENDARS:
            obj.sequence += 1  # under the lock that get_object took
            changed |= {"sequence"}
        obj.save(update_fields={*changed, "updated_at"})

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
            bump_classes_version(cohort_ids=queryset.order_by().values_list("cohort_id", flat=True))
            return djangos_delete_selected(self, request, queryset)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[LiveClass]) -> None:
        for live_class in queryset.order_by("pk"):
            self.delete_model(request, live_class)

    @admin.display(description=_("in its zone"), ordering="starting_at")
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
