"""Which cohorts a calendar may show to whom (rules I1, L7)."""

import dataclasses
from collections.abc import Sequence

from django.conf import settings
from django.db.models import F, Q, QuerySet

from breathecode.admissions.domain.queries import cohorts_of_user
from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import AcademyMember, User
from breathecode.calendars.errors import TooManyCohorts
from breathecode.common.errors import NotFound
from breathecode.common.ids import split_ids_and_slugs
from breathecode.events.domain.queries import memberships_with_access_of
from breathecode.events.models import LiveClass

MAX_COHORTS = 50  # names in one address


@dataclasses.dataclass(frozen=True, slots=True)
class FeedCohort:
    """The values of a cohort and its academy that a feed's text depends on."""

    id: int
    slug: str
    name: str
    language: str
    stage: str
    academy_name: str
    classes_version: int


def read_cohorts(cohorts: QuerySet[Cohort]) -> list[FeedCohort]:
    """In the order of their ids, so that the same cohorts make the same feed however they were named; one query."""
    rows = cohorts.order_by("id").annotate(academy_name=F("academy__name")).values(*FeedCohort.__slots__)
    return [FeedCohort(**row) for row in rows]


def cohorts_open_to(user: User) -> QuerySet[Cohort]:
    """The cohorts whose calendar the user may open: their own (active students only), and those of their academies."""
    if user.is_superuser:
        return Cohort.objects.all()
    staffed = AcademyMember.objects.filter(user=user).values("academy_id")
    return Cohort.objects.filter(
        Q(pk__in=memberships_with_access_of(user.pk).values("cohort_id")) | Q(academy_id__in=staffed),
    )


def own_cohorts(user: User) -> list[FeedCohort]:
    """The cohorts of the `me` feed, by the rule of the user's own list (L7)."""
    return read_cohorts(cohorts_of_user(user))


def cohorts_named(user: User, names: Sequence[str]) -> list[FeedCohort]:
    """The cohorts with these ids or slugs. Raises `too-many-cohorts`; `not-found` if the caller may not see them all.

    Slugs are an academy's own: one that several of the caller's academies use means all of those.
    """
    ids, slugs = split_ids_and_slugs(name.strip() for name in names if name.strip())
    wanted = {*ids, *slugs}
    if len(wanted) > MAX_COHORTS:
        raise TooManyCohorts(count=len(wanted), maximum=MAX_COHORTS)
    if not wanted or any("\x00" in slug for slug in slugs):  # PostgreSQL takes no NUL in text
        raise NotFound
    found = read_cohorts(cohorts_open_to(user).filter(Q(pk__in=ids) | Q(slug__in=slugs)))
    if wanted - {cohort.id for cohort in found} - {cohort.slug for cohort in found}:
        raise NotFound
    return found


def class_open_to(user: User, live_class_id: int) -> QuerySet[LiveClass]:
    """The class, if the user may open its cohort's calendar; otherwise a query without rows."""
    classes = LiveClass.objects.exclude(cohort__stage=Cohort.Stage.DELETED)
    return classes.filter(pk=live_class_id, cohort__in=cohorts_open_to(user))


def feed_urls(user: User, *, key: str) -> dict[str, str | None]:
    """The addresses to subscribe to, ready with the token: `me`, and `cohorts`, the feed of the caller's cohorts.

    For staff without cohorts of their own, those of their academies; the 50 that begin last. None: there are none.
    """
    newest = ("-kickoff_date", "-id")
    mine = cohorts_of_user(user).order_by(*newest).values_list("pk", flat=True)
    staffed = cohorts_open_to(user).exclude(stage=Cohort.Stage.DELETED).order_by(*newest).values_list("pk", flat=True)
    ids = list(mine[:MAX_COHORTS]) or list(staffed[:MAX_COHORTS])
    base, token = f"{settings.PUBLIC_URL}/v1/events/ical", f"?token={key}"
    names = ",".join(map(str, ids))
    return {"me": f"{base}/me{token}", "cohorts": f"{base}/cohorts/{names}{token}" if ids else None}
