"""Syllabi, cohorts, who is in them, and the time slots that they meet at.

Every write that changes what a schedule is built from raises the `revision` of the time slots concerned, in the same
transaction: triggers do it (see `triggers`), so Django's own `save()`, `update()`, `bulk_create()` and `delete()` will
do. `revision != built_revision` means "due to be built", whatever became of the message that asked for it (rule G9).
"""

import datetime
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from breathecode.admissions.history_log import HistoryLog, read_history_log
from breathecode.authenticate.models import Academy, User
from breathecode.common.dates import validate_plausible_date
from breathecode.common.db.expressions import PrefixKey
from breathecode.common.db.fields import HttpUrlField, OneLineCharField
from breathecode.common.i18n.languages import LanguageField
from breathecode.common.i18n.time_zones import validate_timezone
from breathecode.common.models import TimestampedModel, validate_slug

# `…/cohort/user` is the list of the people of all cohorts.
RESERVED_COHORT_SLUGS = ("user",)


def validate_cohort_slug(value: str) -> None:
    """Raises ValidationError for a slug whose address leads elsewhere."""
    if value in RESERVED_COHORT_SLUGS:
        raise ValidationError(
            _("“%(value)s” is reserved by the API. Choose another slug."), "invalid", {"value": value}
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


class Cohort(TimestampedModel):
    """A group of students who go through a course together."""

    class Stage(models.TextChoices):
        INACTIVE = "INACTIVE", _("inactive")
        PREWORK = "PREWORK", _("prework")
        STARTED = "STARTED", _("started")
        FINAL_PROJECT = "FINAL_PROJECT", _("final project")
        ENDED = "ENDED", _("ended")
        DELETED = "DELETED", _("deleted")

    # What the schedule of its time slots is made of.
    SCHEDULE_FIELDS: ClassVar[frozenset[str]] = frozenset({
        "academy", "kickoff_date", "ending_date", "never_ends", "stage", "timezone", "online_meeting_url",
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
        help_text=_("IANA name. If empty, the academy's time zone is used."),
    )
    language = LanguageField(
        blank=True, help_text=_("If empty, the academy's language is copied when the cohort is saved.")
    )
    online_meeting_url = HttpUrlField(max_length=500, blank=True)
    stage = models.CharField(max_length=16, choices=Stage, default=Stage.INACTIVE)
    current_day = models.PositiveIntegerField(default=0)
    # Raised with every change of what a list of this cohort's classes shows, by a trigger (see `triggers`).
    classes_version = models.PositiveBigIntegerField(default=0, editable=False)
    # When one of CALENDAR_FIELDS changed; null: never. Written by a trigger, part of LAST-MODIFIED (rule I3).
    calendar_changed_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        indexes = [
            models.Index(fields=["academy", "stage"], name="cohort_academy_stage"),
            # For the admin: its list, and its searches.
            models.Index(fields=["kickoff_date", "id"], name="cohort_kickoff"),
            models.Index(PrefixKey("name"), name="cohort_name_prefix"),
            models.Index(PrefixKey("slug"), name="cohort_slug_prefix"),
        ]
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
        """Copies the academy's language where none is given (rule V5)."""
        self.language = self.language or self.academy.language
        super().save(*args, **kwargs)

    @property
    def history_log(self) -> HistoryLog:
        """The attendance log in the document's format (rule A4), read from the database at each access."""
        return read_history_log(self.pk)

    @property
    def effective_timezone(self) -> str:
        """IANA name: the cohort's own zone, else its academy's."""
        return self.timezone or self.academy.timezone


class CohortUser(TimestampedModel):
    """Retrieve a user's enrolment in a cohort. A person may have several roles in one."""

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

    def save(self, *args: Any, **kwargs: Any) -> None:
        """As Django's, in one transaction with the history of enrolments, which a receiver writes (rule A5)."""
        with transaction.atomic(using=kwargs.get("using")):
            super().save(*args, **kwargs)


class EnrolmentPeriod(models.Model):
    """A time in which somebody was an active student of a cohort (rules A2, A5); it outlives their membership.

    Written by `domain.enrolment` alone. Several for one person who left and came back; the open one has no end.
    """

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="enrolment_periods")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="enrolment_periods")
    since = models.DateTimeField()
    until = models.DateTimeField(null=True, blank=True, help_text=_("Empty while the student is active."))

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
        raise ValidationError(
            _("%(value)s is not a valid time of day (HHMM, for example 1400)."), "invalid", {"value": value}
        )


class CohortTimeSlot(TimestampedModel):
    """A template of classes: "every Monday and Wednesday, 14:00 to 16:00 in New York" (rules T2, T3)."""

    class Recurrency(models.TextChoices):
        DAILY = "DAILY", _("daily")
        WEEKLY = "WEEKLY", _("weekly")
        MONTHLY = "MONTHLY", _("monthly")

    SCHEDULE_FIELDS: ClassVar[frozenset[str]] = frozenset(
        {
            "cohort", "starting_at", "ending_at", "timezone", "recurrent", "recurrency_type",
            "starts_on", "weekdays", "interval", "removed_at",
        }
    )  # fmt: skip

    cohort = models.ForeignKey(Cohort, on_delete=models.CASCADE, related_name="time_slots")
    starting_at = models.PositiveSmallIntegerField(
        validators=[validate_clock], help_text=_("HHMM as an integer: 1400 is 2 PM.")
    )
    ending_at = models.PositiveSmallIntegerField(
        validators=[validate_clock], help_text=_("HHMM as an integer. An end before the start is on the next day.")
    )
    timezone = models.CharField(
        max_length=64,
        blank=True,
        validators=[validate_timezone],
        help_text=_("IANA name. If empty, it is copied from the cohort or the academy when the time slot is saved."),
    )
    recurrent = models.BooleanField(default=True)
    recurrency_type = models.CharField(max_length=16, choices=Recurrency, default=Recurrency.WEEKLY)
    starts_on = models.DateField(
        null=True,
        blank=True,
        validators=[validate_plausible_date],
        help_text=_("The first date on which the time slot applies. If empty, the kickoff date is used."),
    )
    weekdays = models.JSONField(
        default=list,
        blank=True,
        help_text=_('For example ["MO", "WE"]; WEEKLY only. If empty, the weekday of the first date is used.'),
    )
    interval = models.PositiveSmallIntegerField(default=1, help_text=_("Every n days, weeks or months."))
    removed_at = models.DateTimeField(null=True, blank=True)

    # Raised by triggers with every change of the schedule; a build writes the others (see `triggers`).
    revision = models.PositiveBigIntegerField(default=1, editable=False)
    built_revision = models.PositiveBigIntegerField(default=0, editable=False)
    built_until = models.DateField(null=True, blank=True, editable=False)
    # The next local midnight after that build, when the horizon moves on and the slot is due (rule G12), and the number
    # of days that the horizon was set to.
    extends_at = models.DateTimeField(null=True, blank=True, editable=False)
    horizon_days = models.PositiveSmallIntegerField(null=True, blank=True, editable=False)
    first_built_at = models.DateTimeField(null=True, blank=True, editable=False)
    zone_data_version = models.CharField(max_length=16, default="", blank=True, editable=False)

    class Meta:
        ordering = ["id"]
        indexes = [
            # Above 0: due to be built. Of an expression, since PostgreSQL then knows how few these are.
            models.Index(F("revision") - F("built_revision"), name="time_slot_due_to_be_built"),
            models.Index(fields=["extends_at"], condition=Q(extends_at__isnull=False), name="time_slot_extends_at"),
            models.Index(fields=["horizon_days"], condition=Q(horizon_days__isnull=False), name="time_slot_horizon"),
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
        """Copies the time zone of the cohort or the academy where none is given (rule T2)."""
        if not self.timezone:
            self.timezone = self.cohort.effective_timezone
            if kwargs.get("update_fields"):
                kwargs["update_fields"] = {*kwargs["update_fields"], "timezone"}
        super().save(*args, **kwargs)


# Two terms off are two holidays; a slip of the pen in a year must not cancel all classes.
MAX_HOLIDAY_DAYS = 366


def validate_closed_dates(starts_on: datetime.date, ends_on: datetime.date) -> None:
    """Raises Django's ValidationError on `ends_on` where the dates are in the wrong order or too far apart (G13)."""
    if ends_on < starts_on:
        raise ValidationError({"ends_on": _("The last date must not be before the first date.")})
    if (days := (ends_on - starts_on).days + 1) > MAX_HOLIDAY_DAYS:
        sentence = _("A holiday can last at most %(limit)s days; this one lasts %(days)s.")
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
