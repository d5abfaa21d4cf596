"""Syllabi, cohorts, who is in them, and the time slots that they meet at.

What the schedule is built from carries its own bookkeeping: every write that can change it raises the
`revision` of the time slots concerned, in the same transaction. `revision != built_revision` means
"due to be built", whatever became of the message that asked for it (rule G9).
"""

import datetime
from collections.abc import Iterable
from typing import Any, ClassVar, Self

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.history_log import HistoryLog, read_history_log
from breathecode.authenticate.models import Academy, User
from breathecode.common.dates import validate_plausible_date
from breathecode.common.fields import HttpUrlField, OneLineCharField
from breathecode.common.languages import LanguageField
from breathecode.common.models import SystemFieldsModel, TimestampedModel, save_changes, stamp_changes, validate_slug
from breathecode.common.time_zones import validate_timezone

# `…/cohort/user` is the list of the people of all cohorts.
RESERVED_COHORT_SLUGS = ("user",)


def validate_cohort_slug(value: str) -> None:
    """Raises ValidationError for a slug whose address leads elsewhere."""
    if value in RESERVED_COHORT_SLUGS:
        raise ValidationError(
            _("“%(value)s” is part of the API's addresses. Choose another slug."), "invalid", {"value": value}
        )


class Syllabus(TimestampedModel):
    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="syllabi")
    slug = models.CharField(max_length=100, validators=[validate_slug])
    name = OneLineCharField(max_length=150)

    class Meta:
        verbose_name_plural = "syllabi"
        constraints = [models.UniqueConstraint(fields=["academy", "slug"], name="syllabus_slug_once_per_academy")]

    def __str__(self) -> str:
        return self.name


class SyllabusVersion(TimestampedModel):
    class Status(models.TextChoices):
        DRAFT = "DRAFT", _("draft")
        PUBLISHED = "PUBLISHED", _("published")

    syllabus = models.ForeignKey(Syllabus, on_delete=models.CASCADE, related_name="versions")
    version = models.PositiveIntegerField()
    json = models.JSONField(default=dict, blank=True)
    status = models.CharField(max_length=16, choices=Status, default=Status.DRAFT)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["syllabus", "version"], name="version_once_per_syllabus")]

    def __str__(self) -> str:
        return f"{self.syllabus} v{self.version}"


class CohortQuerySet(models.QuerySet["Cohort"]):
    def bump_classes_version(self) -> int:
        """Makes cached lists and feeds of these cohorts' classes old, in the transaction that changes them (rule O2).

        Also takes the cohorts' locks, which is the first lock of every write to classes, in the order of their
        ids, so that two callers with several cohorts cannot wait for each other.
        """
        cohorts: models.QuerySet[Cohort] = models.QuerySet(self.model, using=self.db)
        # Through a subquery: this queryset's own joins would have their rows locked too.
        mine = cohorts.filter(pk__in=self.order_by().values("pk"))
        locked = list(mine.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
        return cohorts.filter(pk__in=locked).update(classes_version=F("classes_version") + 1)

    def update(self, **changes: Any) -> int:
        """As Django's, and raises the revision of the time slots and the version of the lists that it may change."""
        changes.setdefault("classes_version", F("classes_version") + 1)
        if Cohort.CALENDAR_FIELDS.intersection(changes):
            changes.setdefault("calendar_changed_at", timezone.now())
        with transaction.atomic(using=self.db):
            # In the order of their ids, and before their time slots, so that no two writers wait for each other.
            locked = list(self.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
            if Cohort.SCHEDULE_FIELDS.intersection(changes):
                CohortTimeSlot.objects.filter(cohort__in=locked).bump_revision()
            return super().update(**changes)


class Cohort(SystemFieldsModel):
    """A group of students who go through a course together."""

    class Stage(models.TextChoices):
        INACTIVE = "INACTIVE", _("inactive")
        PREWORK = "PREWORK", _("prework")
        STARTED = "STARTED", _("started")
        FINAL_PROJECT = "FINAL_PROJECT", _("final project")
        ENDED = "ENDED", _("ended")
        DELETED = "DELETED", _("deleted")

    SCHEDULE_FIELDS: ClassVar[frozenset[str]] = frozenset({
        "academy", "academy_id", "kickoff_date", "ending_date", "never_ends", "stage", "timezone", "online_meeting_url",
    })  # fmt: skip
    # What a calendar's text takes from the cohort.
    CALENDAR_FIELDS: ClassVar[frozenset[str]] = frozenset({"name", "language"})

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="cohorts")
    slug = models.CharField(max_length=100, validators=[validate_slug, validate_cohort_slug])
    name = OneLineCharField(max_length=150)
    syllabus = models.ForeignKey(Syllabus, on_delete=models.SET_NULL, null=True, blank=True, related_name="cohorts")
    syllabus_version = models.ForeignKey(
        SyllabusVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="cohorts"
    )
    kickoff_date = models.DateField(null=True, blank=True, validators=[validate_plausible_date])
    ending_date = models.DateField(null=True, blank=True, validators=[validate_plausible_date])
    never_ends = models.BooleanField(default=False)
    timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text=_("IANA name; empty: the academy's."),
    )
    language = LanguageField(blank=True, help_text=_("Empty: the academy's, copied when the cohort is saved."))
    online_meeting_url = HttpUrlField(max_length=500, blank=True)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.INACTIVE)
    current_day = models.PositiveIntegerField(default=0)
    # Raised by every write that changes what a list of this cohort's classes says.
    classes_version = models.PositiveBigIntegerField(default=0, editable=False)
    # When one of CALENDAR_FIELDS changed; null: never. Part of LAST-MODIFIED in calendars (rule I3).
    calendar_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    SYSTEM_FIELDS = frozenset({"classes_version", "current_day"})

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(CohortQuerySet)()

    class Meta:
        indexes = [models.Index(fields=["academy", "stage"], name="cohort_academy_stage")]
        constraints = [
            models.UniqueConstraint(fields=["academy", "slug"], name="cohort_slug_once_per_academy"),
            models.CheckConstraint(
                condition=Q(kickoff_date__isnull=True)
                | Q(ending_date__isnull=True)
                | Q(ending_date__gte=F("kickoff_date")),
                name="cohort_ends_after_kickoff",
            ),
            models.CheckConstraint(
                condition=Q(never_ends=False) | Q(ending_date__isnull=True),
                name="cohort_never_ends_has_no_end",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Raises the revision of its time slots where a field changed that the schedule depends on (rule G9)."""
        self.language = self.language or self.academy.language
        with transaction.atomic():
            changed = save_changes(self, self.SCHEDULE_FIELDS, kwargs.get("update_fields"))
            stamp_changes(self, "calendar_changed_at", self.CALENDAR_FIELDS, kwargs)
            existed = not self._state.adding
            super().save(*args, **kwargs)
            if existed:
                Cohort.objects.filter(pk=self.pk).bump_classes_version()
            if changed:
                self.time_slots.all().bump_revision()

    @property
    def history_log(self) -> HistoryLog:
        """The attendance log in the document's format (rule A4), read from the database at each access."""
        return read_history_log(self.pk)

    @property
    def effective_timezone(self) -> str:
        """IANA name: the cohort's own zone, else its academy's."""
        return self.timezone or self.academy.timezone


class CohortUser(TimestampedModel):
    """Somebody's part in a cohort. A person may have several roles in one."""

    class Role(models.TextChoices):
        STUDENT = "STUDENT", _("student")
        TEACHER = "TEACHER", _("teacher")
        ASSISTANT = "ASSISTANT", _("assistant")
        REVIEWER = "REVIEWER", _("reviewer")

    class EducationalStatus(models.TextChoices):
        ACTIVE = "ACTIVE", _("active")
        POSTPONED = "POSTPONED", _("postponed")
        SUSPENDED = "SUSPENDED", _("suspended")
        GRADUATED = "GRADUATED", _("graduated")
        DROPPED = "DROPPED", _("dropped")

    # A student who is not (or not now) taking part. They see no classes (rule L7).
    AWAY: ClassVar[tuple[str, ...]] = (
        EducationalStatus.POSTPONED,
        EducationalStatus.SUSPENDED,
        EducationalStatus.DROPPED,
    )

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="cohort_roles")
    role = models.CharField(max_length=16, choices=Role, default=Role.STUDENT)
    educational_status = models.CharField(max_length=16, choices=EducationalStatus, default=EducationalStatus.ACTIVE)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "cohort", "role"], name="role_once_per_person_and_cohort")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}: {self.role} of cohort {self.cohort_id}"


class EnrolmentPeriod(models.Model):
    """A time in which somebody was an active student of a cohort (rules A2, A5); it outlives their membership.

    Written by `domain.enrolment` alone. Several for one person who left and came back; the open one has no end.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrolment_periods")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="enrolment_periods")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text=_("Empty: still an active student."))

    class Meta:
        ordering = ["since", "id"]
        indexes = [models.Index(fields=["cohort", "user"], name="enrolment_of_cohort_and_user")]
        constraints = [
            models.UniqueConstraint(
                fields=["cohort", "user"], condition=Q(until__isnull=True), name="enrolment_open_once"
            ),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="enrolment_ends_after_its_start"
            ),
        ]

    def __str__(self) -> str:
        return f"user {self.user_id}: student of cohort {self.cohort_id} since {self.since:%Y-%m-%d}"


def validate_clock(value: int) -> None:
    """Rule T2: HHMM, 0 to 2359, minutes under 60."""
    if not 0 <= value <= 2359 or value % 100 >= 60:
        raise ValidationError(_("%(value)s is no time of day as HHMM, like 1400."), "invalid", {"value": value})


class CohortTimeSlotQuerySet(models.QuerySet["CohortTimeSlot"]):
    def update(self, **changes: Any) -> int:
        """As Django's, and raises the revision unless the change is bookkeeping of the build itself."""
        if not CohortTimeSlot.SCHEDULE_FIELDS.intersection(changes) or "revision" in changes:
            return super().update(**changes)
        with transaction.atomic(using=self.db):
            # In the order of their ids, as bump_revision does; found anew by the update, they may be fewer.
            list(self._lock_in_order())
            return super().update(**changes, revision=F("revision") + 1)

    def bump_revision(self) -> int:
        """Makes these slots due to be built. Locked in the order of their ids, so that two callers cannot deadlock."""
        locked = [slot.pk for slot in self._lock_in_order()]
        return models.QuerySet(self.model, using=self.db).filter(pk__in=locked).update(revision=F("revision") + 1)

    def _lock_in_order(self) -> Self:
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk").only("pk")

    def due_to_be_built(self, *, horizon: datetime.date, zone_data: str) -> Self:
        """Slots changed since they were built, not built up to `horizon`, or with zone data older than `zone_data`.

        Older, not merely other: two processes with different data must not build the same slots in turns.
        """
        changed = ~Q(revision=F("built_revision"))
        return self.filter(changed | Q(built_until__lt=horizon) | Q(zone_data_version__lt=zone_data))


class CohortTimeSlot(SystemFieldsModel):
    """A template of classes: "every Monday and Wednesday, 14:00 to 16:00 in New York" (rules T2, T3)."""

    class Recurrency(models.TextChoices):
        DAILY = "DAILY", _("daily")
        WEEKLY = "WEEKLY", _("weekly")
        MONTHLY = "MONTHLY", _("monthly")

    SCHEDULE_FIELDS: ClassVar[frozenset[str]] = frozenset(
        {
            "cohort", "cohort_id", "starting_at", "ending_at", "timezone", "recurrent", "recurrency_type",
            "starts_on", "weekdays", "interval", "removed_at",
        }
    )  # fmt: skip

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="time_slots")
    starting_at = models.PositiveSmallIntegerField(
        validators=[validate_clock], help_text=_("HHMM as a whole number: 1400 is 2 PM.")
    )
    ending_at = models.PositiveSmallIntegerField(
        validators=[validate_clock], help_text=_("HHMM; smaller than the start means the next day.")
    )
    timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text=_("IANA name; empty: copied from the cohort or academy on saving."),
    )
    recurrent = models.BooleanField(default=True)
    recurrency_type = models.CharField(max_length=16, choices=Recurrency, default=Recurrency.WEEKLY)
    starts_on = models.DateField(
        null=True,
        blank=True,
        validators=[validate_plausible_date],
        help_text=_("First date it applies; empty: the kickoff."),
    )
    weekdays = models.JSONField(
        default=list, blank=True, help_text=_('["MO", "WE"], WEEKLY only; empty: the first date\'s.')
    )
    interval = models.PositiveSmallIntegerField(default=1, help_text=_("Every n days, weeks or months."))
    removed_at = models.DateTimeField(null=True, blank=True)

    revision = models.PositiveBigIntegerField(default=1, editable=False)
    built_revision = models.PositiveBigIntegerField(default=0, editable=False)
    built_until = models.DateField(null=True, blank=True, editable=False)
    first_built_at = models.DateTimeField(null=True, blank=True, editable=False)
    zone_data_version = models.CharField(max_length=16, default="", blank=True, editable=False)

    SYSTEM_FIELDS = frozenset({"revision", "built_revision", "built_until", "first_built_at", "zone_data_version"})

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(CohortTimeSlotQuerySet)()

    class Meta:
        ordering = ["id"]
        indexes = [
            models.Index(fields=["id"], condition=~Q(revision=F("built_revision")), name="time_slot_due_to_be_built"),
            models.Index(fields=["built_until"], name="time_slot_built_until"),
            models.Index(fields=["zone_data_version"], name="time_slot_zone_data"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(starting_at__lte=2359), name="time_slot_starts_within_a_day"),
            models.CheckConstraint(condition=Q(ending_at__lte=2359), name="time_slot_ends_within_a_day"),
            models.CheckConstraint(condition=~Q(starting_at=F("ending_at")), name="time_slot_not_empty"),
            models.CheckConstraint(condition=Q(interval__gte=1, interval__lte=52), name="time_slot_interval"),
        ]

    def __str__(self) -> str:
        return f"{self.recurrency_type} {self.starting_at:04}-{self.ending_at:04} {self.timezone}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Copies the time zone where none was given (rule T2) and makes the slot due to be built (rule G9).

        A save that changes nothing raises no revision, so that the build it queues writes nothing (rule G8).
        """
        if not self.timezone:
            self.timezone = self.cohort.effective_timezone
            if kwargs.get("update_fields"):
                kwargs["update_fields"] = {*kwargs["update_fields"], "timezone"}
        with transaction.atomic():
            if self._state.adding:
                lock_holidays(Academy.objects.filter(cohorts=self.cohort_id))
            changed = save_changes(self, self.SCHEDULE_FIELDS, kwargs.get("update_fields"))
            super().save(*args, **kwargs)
            if changed:
                type(self).objects.filter(pk=self.pk).bump_revision()


def lock_holidays(academies: "models.QuerySet[Academy]") -> None:
    """Waits for whoever changes the holidays of these academies, or adds a time slot there.

    Neither sees the other before the commit: side by side they would leave the slot built without the holiday.
    """
    list(academies.select_for_update(no_key=True, of=("self",)).order_by("pk").only("pk"))


class HolidayQuerySet(models.QuerySet["Holiday"]):
    """As Django's; each write makes the time slots due that it concerns, before the change and after it."""

    def update(self, **changes: Any) -> int:
        with transaction.atomic(using=self.db):
            before = _locked_rows(self)
            changed = super().update(**changes)
            _bump_revisions([*before, *Holiday.objects.filter(pk__in=[row.pk for row in before])])
        return changed

    def bulk_create(self, objs: Iterable["Holiday"], *args: Any, **kwargs: Any) -> list["Holiday"]:
        holidays = list(objs)
        with transaction.atomic(using=self.db):
            lock_holidays(Academy.objects.filter(pk__in={holiday.academy_id for holiday in holidays}))
            created = super().bulk_create(holidays, *args, **kwargs)
            _bump_revisions(created)
        return created

    def delete(self) -> tuple[int, dict[str, int]]:
        with transaction.atomic(using=self.db):
            before = _locked_rows(self)
            deleted = super().delete()
            _bump_revisions(before)
        return deleted


def _locked_rows(holidays: HolidayQuerySet) -> "list[Holiday]":
    """Read under the locks of their academies, so that a second writer sees what the first one left."""
    lock_holidays(Academy.objects.filter(pk__in=list(holidays.values_list("academy_id", flat=True))))
    return list(holidays)


def _bump_revisions(holidays: "Iterable[Holiday]") -> None:
    """Makes the time slots due that these holidays concern: all at once, so that they are locked in order."""
    scope = Q(pk__in=[])
    for holiday in holidays:
        scope |= Q(cohort_id=holiday.cohort_id) if holiday.cohort_id else Q(cohort__academy_id=holiday.academy_id)
    CohortTimeSlot.objects.filter(scope).bump_revision()


# Two terms off are two holidays; a slip of the pen in a year must not cancel all classes.
MAX_HOLIDAY_DAYS = 366


def validate_closed_dates(starts_on: datetime.date, ends_on: datetime.date) -> None:
    """Raises Django's ValidationError on `ends_on` where the dates are in the wrong order or too far apart (G13)."""
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last closed date lies before the first.")})
    if (days := (ends_on - starts_on).days + 1) > MAX_HOLIDAY_DAYS:
        sentence = _("%(days)s days are too many: a holiday has at most %(limit)s.")
        raise ValidationError(
            {"ends_on": ValidationError(sentence, "holiday-too-long", {"days": days, "limit": MAX_HOLIDAY_DAYS})}
        )


class Holiday(TimestampedModel):
    """Closed dates, both included, of a whole academy or of one cohort (rule G13)."""

    academy = models.ForeignKey(Academy, on_delete=models.CASCADE, related_name="holidays")
    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, null=True, blank=True, related_name="holidays")
    name = OneLineCharField(max_length=150)
    starts_on = models.DateField(validators=[validate_plausible_date])
    ends_on = models.DateField(validators=[validate_plausible_date])

    objects: ClassVar[models.Manager[Self]] = models.Manager.from_queryset(HolidayQuerySet)()

    class Meta:
        ordering = ["starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="holiday_ends_after_start")
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.starts_on} to {self.ends_on})"

    def clean(self) -> None:
        """For forms; the API asks the same function."""
        super().clean()
        dates: list[Any] = [self.starts_on, self.ends_on]  # None where the form could not read one
        if all(dates):
            validate_closed_dates(*dates)

    def save(self, *args: Any, **kwargs: Any) -> None:
        with transaction.atomic():
            stored = Holiday.objects.filter(pk=self.pk)
            academy_ids = [self.academy_id, *stored.values_list("academy_id", flat=True)]
            lock_holidays(Academy.objects.filter(pk__in=academy_ids))
            before = list(stored)  # where it was, if it is being moved
            super().save(*args, **kwargs)
            _bump_revisions([*before, self])

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        with transaction.atomic():
            before = _locked_rows(Holiday.objects.filter(pk=self.pk))
            deleted = super().delete(*args, **kwargs)
            _bump_revisions(before)
        return deleted
