"""What an operator reads in the admin: no internal word, and what belongs together on one form (rule R6)."""

import re

import pytest
from django.contrib import admin
from django.contrib.admin.utils import label_for_field
from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.models import AcademyMember, Invitation, User
from breathecode.common.admin import inlines
from breathecode.feedback.models import Answer, Survey
from breathecode.history.models import Change
from tests.support.admin import page, post
from tests.support.queries import captured_queries

OURS = [m for m in admin.site._registry if m.__module__.startswith("breathecode.")]
INTERNAL = re.compile(
    r"\b(revision|hash|sequence|built|zone data|fingerprint|access version|classes version)\b", re.IGNORECASE
)


@pytest.fixture
def root(world) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.mark.parametrize("model", OURS, ids=lambda model: model.__name__)
def test_no_internal_words(rf, world, model):
    """R6: neither as the heading of a column nor beside a field of the form."""
    shown = admin.site._registry[model]
    request = rf.get("/")
    request.user = world.superuser
    fields = {f for _name, options in shown.get_fieldsets(request, model()) for f in _flat(options["fields"])}
    names = fields | set(shown.get_list_display(request))
    labels = {str(label_for_field(name, model, shown)) for name in names}
    assert [label for label in labels if INTERNAL.search(label)] == []


def _flat(fields):
    for field in fields:
        yield from field if isinstance(field, (list, tuple)) else [field]


class TestCohort:
    def test_time_slots_and_people_are_inside(self, root, world):
        """R6: the slots with their hours and zone, the people with their roles; the rest is a link away."""
        world.time_slot()
        text = root.get(page(Cohort, "change", world.cohort.pk)).content.decode()
        assert "14:00-16:00" in text
        assert "America/New_York" in text
        assert "student@example.org" in text
        assert "stranger@example.org" not in text
        assert f"when=all&amp;cohort__id__exact={world.cohort.pk}" in text or (
            f"cohort__id__exact={world.cohort.pk}&amp;when=all" in text
        )

    def test_every_link_leads_somewhere(self, root, world):
        """R6: to the rows of this cohort."""
        text = root.get(page(Cohort, "change", world.cohort.pk)).content.decode()
        links = re.findall(r'href="(/admin/[^"]+\?[^"]*cohort__id__exact=[^"]+)"', text)
        assert len(links) == 4
        for link in links:
            response = root.get(link.replace("&amp;", "&"))
            assert response.status_code == 200, link
            assert f"cohort__id__exact={world.cohort.pk}" in response.context["cl"].get_query_string()

    def test_somebody_is_added(self, root, world):
        """R6, P8: recorded as done in the admin; those who were there already keep their roles."""
        Change.objects.all().delete()
        before = set(CohortUser.objects.filter(cohort=world.cohort).values_list("user", "role"))
        prefix = f"members-{len(before)}"
        sent = {f"{prefix}-user": world.stranger.pk, "members-0-role": "TEACHER"}
        assert post(root, page(Cohort, "change", world.cohort.pk), **sent).status_code == 302
        after = set(CohortUser.objects.filter(cohort=world.cohort).values_list("user", "role"))
        assert after == before | {(world.stranger.pk, "STUDENT")}
        assert list(Change.objects.values_list("kind", "through")) == [("enrolment", "admin")]

    def test_statements_do_not_grow_with_the_people(self, root, world, monkeypatch):
        """R6: and a cohort of thousands can still be saved, since its form holds the first ones alone."""
        url = page(Cohort, "change", world.cohort.pk)

        def statements(number: int) -> int:
            users = User.objects.bulk_create([User(email=f"n{number}-{n}@example.org") for n in range(number)])
            CohortUser.objects.bulk_create([CohortUser(cohort=world.cohort, user=user) for user in users])
            with captured_queries() as captured:
                assert root.get(url).status_code == 200
            return len(captured)

        root.get(url)
        assert statements(1) == statements(20)
        monkeypatch.setattr(inlines, "MAX_SHOWN", 3)
        people = root.get(url).context["inline_admin_formsets"][1].formset
        assert len(people.initial_forms) == 3
        assert post(root, url, name="Renamed").status_code == 302

    @pytest.mark.parametrize("address", ["add", "change"])
    def test_a_new_cohort(self, root, world, address):
        """R6: the form for a new one has no rows of others, and an unknown one leads back."""
        if address == "change":
            assert root.get(page(Cohort, "change", 10**9)).status_code == 302
            assert root.get("/admin/admissions/cohort/x/change/").status_code == 302
        else:
            formsets = root.get(page(Cohort, "add")).context["inline_admin_formsets"]
            assert [len(inline.formset.initial_forms) for inline in formsets] == [0, 0]


class TestInvitations:
    def invite_again(self, root, model, *rows) -> str:
        data = {"action": "send_invitation_again", "_selected_action": [row.pk for row in rows]}
        with TestCase.captureOnCommitCallbacks(execute=True):
            return root.post(page(model, "changelist"), data, follow=True).content.decode()

    @pytest.fixture
    def member(self, world):
        User.objects.filter(pk=world.reader.pk).update(password="!x")
        return AcademyMember.objects.get(user=world.reader)

    def test_it_is_sent_again(self, root, world, member):
        """R6, U7: from the list of members, to whom cannot sign in yet; the others are counted."""
        other = AcademyMember.objects.get(user=world.admin)
        text = self.invite_again(root, AcademyMember, member, other)
        assert "1 invitation is on its way." in text
        assert "1 user was left out" in text
        assert [message.to for message in mail.outbox] == [["reader@example.org"]]
        assert list(Invitation.objects.values_list("user", "academy")) == [(world.reader.pk, world.miami.pk)]

    def test_not_twice_within_ten_minutes(self, root, member):
        """U7: the same limit as the API's, also from the list of invitations."""
        self.invite_again(root, AcademyMember, member)
        assert "1 user was left out" in self.invite_again(root, Invitation, Invitation.objects.get())
        assert len(mail.outbox) == 1

    def test_a_student_is_invited_in_the_language_of_the_cohort(self, root, world):
        """R6, V5: from the list of a cohort's people."""
        User.objects.filter(pk=world.student.pk).update(password="!x")
        Cohort.objects.filter(pk=world.cohort.pk).update(language="es")
        self.invite_again(root, CohortUser, CohortUser.objects.get(user=world.student))
        assert "Elige una contraseña" in mail.outbox[0].body

    def test_statements_do_not_grow_with_the_people(self, root, world):
        """R6: of one academy, in one language."""

        def statements(number: int, text: str) -> int:
            users = User.objects.bulk_create(
                [User(email=f"n{number}-{n}@{text}.org", password="!x") for n in range(number)]
            )
            parts = CohortUser.objects.bulk_create([CohortUser(cohort=world.cohort, user=user) for user in users])
            data = {"action": "send_invitation_again", "_selected_action": [part.pk for part in parts]}
            with captured_queries() as captured:
                assert root.post(page(CohortUser, "changelist"), data).status_code == 302
            return len(captured)

        statements(1, "first")
        assert statements(1, "one") == statements(9, "many")


class TestSurveys:
    @pytest.fixture
    def survey(self, world, make_class):
        survey = Survey.objects.create(live_class=make_class(), language="en", texts={}, expires_at=timezone.now())
        said = {"survey": survey, "answered_at": timezone.now()}
        Answer.objects.create(**said, user=world.student, score=9, comment="Good <b>pace</b>")
        Answer.objects.create(**said, user=world.student, teacher=world.teacher, score=3)
        Answer.objects.create(survey=survey, user=world.stranger)
        return survey

    def test_results_can_be_read(self, root, survey):
        """R6: how many answered, the average of the class, and what was said, as text."""
        for url in (page(Survey, "changelist"), page(Survey, "change", survey.pk)):
            text = root.get(url).content.decode()
            assert "1 of 2 users" in text
            assert "9.0" in text
        assert "<td>teacher@example.org</td><td>3</td>" in text
        assert "<td>the class</td><td>9</td><td>Good &lt;b&gt;pace&lt;/b&gt;</td>" in text
        assert "stranger" not in text

    def test_scores_are_filtered_by_ranges(self, root, survey):
        """R6: three groups, as with recommendations; a range that does not exist filters nothing."""
        found = {
            score: len(root.get(page(Answer, "changelist"), {"score": score}).context["cl"].result_list)
            for score in ("0-6", "7-8", "9-10", "x")
        }
        assert found == {"0-6": 1, "7-8": 0, "9-10": 1, "x": 3}
