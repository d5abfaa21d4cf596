"""What periodic tasks have to look at: each change names it, whoever writes it (decision 0016)."""

from datetime import timedelta

import pytest
from django.db import connection, transaction

from breathecode.admissions.models import CohortUser
from breathecode.admissions.tasks import update_enrolment_periods
from breathecode.calendars.tasks import send_due_invitations
from breathecode.common.db import pending_checks
from breathecode.common.db.pending_checks import Task, scopes, settle
from breathecode.common.models import PendingCheck
from breathecode.events.models import LiveClass
from breathecode.reminders.tasks import send_due_reminders
from tests.support.classes import NOW
from tests.support.invitations import ask_for_invitations
from tests.support.queries import captured_queries

TOLD = {Task.INVITATIONS, Task.CORRECTIONS}


@pytest.fixture
def ids(world, make_class):
    """What the statements below write to."""
    ask_for_invitations(world.student)
    live_class = make_class(start=48)
    PendingCheck.objects.all().delete()
    return {
        "cohort": world.cohort.pk,
        "student": world.student.pk,
        "reader": world.reader.pk,
        "class": live_class.pk,
        "other": world.other_cohort.pk,
    }


STATEMENTS = {
    "a class moves": "UPDATE events_liveclass SET title = 'Moved' WHERE id = {class}",
    "a class goes": "DELETE FROM events_liveclass WHERE id = {class}",
    "a cohort has another name": "UPDATE admissions_cohort SET name = 'Other' WHERE id = {cohort}",
    "a cohort is deleted": "UPDATE admissions_cohort SET stage = 'DELETED' WHERE id = {cohort}",
    "a student leaves": "DELETE FROM admissions_cohortuser WHERE user_id = {student}",
    "a student pauses": "UPDATE admissions_cohortuser SET educational_status = 'POSTPONED' WHERE user_id = {student}",
    "a student has another cohort": "UPDATE admissions_cohortuser SET cohort_id = {other} WHERE user_id = {student}",
    "a user has another address": "UPDATE authenticate_user SET email = 'new@example.org' WHERE id = {student}",
    "a user is locked": "UPDATE authenticate_user SET is_active = false WHERE id = {student}",
    "a user has another password": "UPDATE authenticate_user SET password = '!' WHERE id = {student}",
    "invitations are turned off": (
        "UPDATE calendars_calendarpreference SET calendar_invitations = false WHERE user_id = {student}"
    ),
    "a preference goes": "DELETE FROM calendars_calendarpreference WHERE user_id = {student}",
    "a user leaves the staff": "DELETE FROM authenticate_academymember WHERE user_id = {reader}",
}
OF_COHORTS = {"a class moves", "a class goes", "a cohort has another name", "a cohort is deleted"}
OF_TOKENS = {"a user has another address", "a user is locked", "a user has another password"}
OF_ENROLMENTS = {"a student leaves", "a student pauses", "a student has another cohort"}


@pytest.mark.parametrize("what", STATEMENTS)
def test_raw_sql_is_noticed(ids, what):
    """N2, A5, U2: what may change a message, an enrolment or a token names its cohort or user for each task."""
    with connection.cursor() as cursor:
        cursor.execute(STATEMENTS[what].format(**ids))
    expected = set() if "password" in what else set(TOLD)
    expected |= ({Task.ENROLMENTS} if what in OF_ENROLMENTS else set()) | (
        {Task.TOKENS} if what in OF_TOKENS else set()
    )
    user = ids["reader" if "staff" in what else "student"]
    subject = {"cohort_id": ids["cohort"]} if what in OF_COHORTS else {"user_id": user}
    assert set(PendingCheck.objects.filter(**subject).values_list("task", flat=True)) == expected


def test_what_no_message_says_is_not_looked_at(ids, world):
    """N2: a mark, another first name of a student, or the same value again."""
    LiveClass.objects.filter(pk=ids["class"]).update(marked=True)
    world.student.first_name = "Ana María"
    world.student.save()
    CohortUser.objects.filter(user=ids["student"]).update(role="STUDENT")
    assert not PendingCheck.objects.exists()


@pytest.mark.usefixtures("ids", "clock")
def test_each_task_empties_its_own():
    """N2, A5: a task that finds nothing to do leaves nothing to be looked at, and does not read it again."""
    CohortUser.objects.update(educational_status="GRADUATED")
    LiveClass.objects.update(title="Other")
    for task in (update_enrolment_periods, send_due_invitations, send_due_reminders):
        task()
    left = dict.fromkeys(PendingCheck.objects.values_list("task", flat=True))
    assert set(left) <= {Task.INVITATIONS}  # they wait for the cohort to come to rest
    with captured_queries() as statements:
        assert list(scopes(Task.ENROLMENTS)) == list(scopes(Task.CORRECTIONS)) == []
    assert len(statements) == 2


@pytest.mark.django_db
@pytest.mark.parametrize("unfinished", [set(), {7}])
def test_many_rows_of_one_cohort(monkeypatch, unfinished):
    """N2: a cohort is compared once however often it changed; one row stays where it is to be looked at again."""
    monkeypatch.setattr(pending_checks, "BATCH_SIZE", 2)
    rows = [PendingCheck(task=Task.CORRECTIONS, cohort_id=pk) for pk in (7, 8, 9)] * 3
    rows += [PendingCheck(task=Task.CORRECTIONS, user_id=7), PendingCheck(task=Task.INVITATIONS, cohort_id=7)]
    PendingCheck.objects.all().delete()
    for row in rows:
        PendingCheck.objects.create(task=row.task, cohort_id=row.cohort_id, user_id=row.user_id)
    found = list(scopes(Task.CORRECTIONS))
    assert [scope.within() for scope in found] == [
        {"cohort__in": [7, 8]},
        {"cohort__in": [9]},
        {"user__in": [7]},
    ]
    assert settle(found[0], unfinished=unfinished) == 6 - len(unfinished)
    left = PendingCheck.objects.filter(task=Task.CORRECTIONS, cohort_id__in=[7, 8])
    assert list(left.values_list("cohort_id", flat=True)) == sorted(unfinished)
    assert list(left.values_list("pk", flat=True)) == [found[0].rows[pk][-1] for pk in unfinished]


@pytest.mark.django_db
def test_the_order(monkeypatch):
    """N2: what has waited longest comes first, whatever its id; what is not finished and changed again comes last."""
    monkeypatch.setattr(pending_checks, "BATCH_SIZE", 1)
    PendingCheck.objects.all().delete()

    def add(**subject):
        PendingCheck.objects.create(task=Task.CORRECTIONS, **subject)

    def order():
        return [(scope.kind, *scope.rows) for scope in scopes(Task.CORRECTIONS)]

    add(cohort_id=9)
    add(user_id=7)
    add(cohort_id=8)
    add(cohort_id=9)
    assert order() == [("cohort", 9), ("user", 7), ("cohort", 8)]
    settle(next(scopes(Task.CORRECTIONS)), unfinished={9})
    assert order() == [("user", 7), ("cohort", 8), ("cohort", 9)]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("clock")
def test_a_change_made_meanwhile_stays(ids, world):
    """N2: what changes after a task has read its rows is left to its next run."""
    LiveClass.objects.update(title="Read")
    (scope,) = scopes(Task.CORRECTIONS)
    with transaction.atomic():
        LiveClass.objects.update(title="Not read", starting_at=NOW + timedelta(hours=49))
    settle(scope)
    assert PendingCheck.objects.filter(task=Task.CORRECTIONS, cohort_id=world.cohort.pk).exists()
