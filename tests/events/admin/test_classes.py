"""Live classes in the Django admin: the list, the actions, the roll inside (rule R6)."""

import datetime

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.urls import reverse

from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.common.admin import inlines
from breathecode.events.models import LiveClass
from breathecode.history.models import Change
from tests.support.admin import page, post
from tests.support.queries import captured_queries

LIST = page(LiveClass, "changelist")


@pytest.fixture(autouse=True)
def _now(clock):
    """The fixed moment of `make_class`."""


@pytest.fixture
def root(world) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


def listed(root, **query) -> list[int]:
    return [row.pk for row in root.get(LIST, query).context["cl"].result_list]


def act(root, action: str, *classes: LiveClass, **fields):
    data = {"action": action, "_selected_action": [row.pk for row in classes], **fields}
    return root.post(LIST, data, follow=True)


class TestList:
    def test_coming_classes_come_first(self, root, make_class):
        """R6: the running one and those to come, next first; past ones the other way round, on request."""
        later, running, over, long_over = (make_class(hours) for hours in (30, -1, -5, -300))
        assert listed(root) == [running.pk, later.pk]
        assert listed(root, when="past") == [over.pk, long_over.pk]
        assert listed(root, when="all") == [later.pk, running.pk, over.pk, long_over.pk]
        assert listed(root, q="Web Dev") == listed(root, when="all")

    def test_a_class_of_a_whole_day_is_running(self, root, make_class):
        """R6: the longest class that can be made, in its last hour."""
        row = make_class(-23, 24)
        assert listed(root) == [row.pk]

    def test_times_name_their_zone(self, root, make_class):
        """R6: the day of the week, the time slot's hours and its zone."""
        make_class(1)
        assert "Wed 5 Mar 2025, 14:30-16:30 (America/New_York)" in root.get(LIST).content.decode()

    def test_the_form_says_utc(self, root, make_class):
        """R6: its fields are in UTC, and so is everything that names no zone."""
        text = root.get(page(LiveClass, "change", make_class(1).pk)).content.decode()
        assert "Starts (UTC)" in text
        assert "Ends (UTC)" in text
        assert "times are in UTC unless a zone is named" in text


class TestActions:
    def test_cancel_and_restore(self, root, world, make_class):
        """R6, W6, P8: as the API does it, with the reason, and recorded as what this user did in the admin."""
        one, two = make_class(1), make_class(5)
        Change.objects.all().delete()
        assert "2 classes cancelled." in act(root, "cancel_classes", one, two, reason=" Ill\n today ").content.decode()
        rows = LiveClass.objects.values_list("cancel_reason", "cancelled_by_schedule", "sequence")
        assert list(rows) == [("Ill today", False, 1)] * 2
        found = Change.objects.values_list("object_id", "through", "by")
        assert sorted(found) == [(row.pk, "admin", world.superuser.pk) for row in (one, two)]
        assert "1 class restored." in act(root, "restore_classes", one).content.decode()
        assert set(LiveClass.objects.filter(cancelled_at=None).values_list("pk", "sequence")) == {(one.pk, 2)}

    def test_each_class_that_refuses_is_named(self, root, make_class):
        """R6, W6: what has started is not cancelled; the others are."""
        started, coming = (
            make_class(-1, started_at=datetime.datetime(2025, 3, 5, 18, tzinfo=datetime.UTC)),
            make_class(5),
        )
        text = act(root, "cancel_classes", started, coming).content.decode()
        assert "Wed 5 Mar 2025, 12:30-14:30 (America/New_York): " in text
        assert "1 class cancelled." in text
        assert set(LiveClass.objects.exclude(cancelled_at=None)) == {coming}

    def test_twice_is_once(self, root, make_class):
        """W6: a second cancellation without a reason changes nothing."""
        row = make_class(1)
        act(root, "cancel_classes", row, reason="Ill")
        act(root, "cancel_classes", row)
        assert LiveClass.objects.values_list("cancel_reason", "sequence").get() == ("Ill", 1)

    def test_who_may_only_look_cannot(self, world, make_class):
        """R6: the actions need the permission to change classes."""
        row = make_class(1)
        User.objects.filter(pk=world.reader.pk).update(is_staff=True)
        world.reader.user_permissions.add(Permission.objects.get(codename="view_liveclass"))
        client = Client()
        client.force_login(world.reader)
        assert client.get(LIST).status_code == 200
        act(client, "cancel_classes", row)
        assert LiveClass.objects.get().cancelled_at is None


class TestForm:
    def test_the_join_link(self, root, make_class, settings):
        """R6, J2: to copy and to follow."""
        row = make_class(1)
        url = f"{settings.PUBLIC_URL}/v1/events/me/event/liveclass/join/{row.hash}"
        assert f'<a href="{url}">' in root.get(page(LiveClass, "change", row.pk)).content.decode()

    def test_the_roll_is_inside(self, root, world, make_class):
        """R6: to be read; saving the class leaves it alone, whatever is sent with the form."""
        row = make_class(-1)
        mark = Attendance.objects.create(
            live_class=row, user=world.student, status="LATE", source="STAFF", recorded_at=row.starting_at
        )
        url = page(LiveClass, "change", row.pk)
        text = root.get(url).content.decode()
        assert "student@example.org" in text
        assert "late" in text
        assert post(root, url, title="Loops", **{"attendance-0-status": "ABSENT"}).status_code == 302
        mark.refresh_from_db()
        assert mark.status == "LATE"

    def test_statements_do_not_grow_with_the_roll(self, root, world, make_class, monkeypatch):
        """R6: and a roll of thousands shows its first rows, so that the form can still be sent."""
        row = make_class(-1)
        users = User.objects.bulk_create([User(email=f"s{n}@example.org") for n in range(12)])

        def statements(users) -> int:
            Attendance.objects.bulk_create(
                [
                    Attendance(live_class=row, user=u, status="LATE", source="STAFF", recorded_at=row.starting_at)
                    for u in users
                ]
            )
            with captured_queries() as captured:
                response = root.get(page(LiveClass, "change", row.pk))
            self.shown = len(response.context["inline_admin_formsets"][0].formset.initial_forms)
            return len(captured)

        root.get(page(LiveClass, "change", row.pk))
        assert statements(users[:1]) == statements(users[1:])
        assert self.shown == 12
        monkeypatch.setattr(inlines, "MAX_SHOWN", 5)
        root.get(page(LiveClass, "change", row.pk))
        statements([])
        assert self.shown == 5

    def test_the_button_history_shows_what_was_recorded(self, root, world, make_class):
        """R6, P8: of this class alone, with before and after, who and through what."""
        row, other = make_class(1), make_class(5)
        Change.objects.all().delete()
        post(root, page(LiveClass, "change", row.pk), title="Loops <b>")
        post(root, page(LiveClass, "change", other.pk), title="Lists")
        response = root.get(page(LiveClass, "history", row.pk), follow=True)
        assert response.redirect_chain[0][0].startswith(reverse("admin:history_change_changelist"))
        text = response.content.decode()
        assert "<b>title</b>: - → Loops &lt;b&gt;" in text
        assert world.superuser.email in text
        assert "→ Lists" not in text

    def test_who_may_not_see_changes_gets_djangos_history(self, world, make_class):
        """R6: and not a page that refuses."""
        row = make_class(1)
        User.objects.filter(pk=world.reader.pk).update(is_staff=True)
        world.reader.user_permissions.add(Permission.objects.get(codename="view_liveclass"))
        client = Client()
        client.force_login(world.reader)
        assert client.get(page(LiveClass, "history", row.pk)).status_code == 200
