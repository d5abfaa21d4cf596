"""Lists of the admin that cost the same however long the table is (rule R6)."""

import datetime

import pytest
from django.contrib import admin
from django.test import Client

from breathecode.admissions.models import Cohort, CohortUser
from breathecode.attendance.models import Attendance
from breathecode.authenticate.models import User
from breathecode.common.admin import lists
from breathecode.common.admin.lists import BoundedPaginator, search
from breathecode.events.models import LiveClass
from tests.support.admin import page
from tests.support.queries import captured_queries

REGISTERED = list(admin.site._registry.items())


@pytest.fixture
def root(world) -> Client:
    client = Client()
    client.force_login(world.superuser)
    return client


@pytest.fixture
def classes(make_class):
    return [make_class(start=24 * day) for day in range(1, 6)]


@pytest.mark.parametrize(("model", "shown"), REGISTERED, ids=lambda value: getattr(value, "__name__", ""))
def test_no_list_reads_its_whole_table_first(model, shown):
    """R6: neither for a count without the filters nor for the years of a date hierarchy."""
    if model.__module__.startswith("breathecode."):
        assert (shown.show_full_result_count, shown.date_hierarchy) == (False, None)
        assert shown.paginator is BoundedPaginator


def test_a_count_ends(world, monkeypatch):
    """R6: the database counts no further than the list has pages."""
    monkeypatch.setattr(lists, "MAX_COUNTED", 3)
    with captured_queries() as captured:
        assert BoundedPaginator(User.objects.order_by("pk"), 2).num_pages == 2
    assert "LIMIT 3" in captured[0]
    assert "ORDER BY" not in captured[0]


class TestSearch:
    FIELDS = ("^user__email", "^user__first_name", "^cohort__name", "=id")

    def found(self, text: str) -> list[str]:
        rows = search(CohortUser.objects.order_by("user__email"), fields=self.FIELDS, text=text)
        return list(rows.values_list("user__email", flat=True))

    def test_every_word_has_to_be_found(self, world):
        """R6: in any of the fields, also of two related tables; several words may also be one phrase."""
        assert "student@example.org" in self.found("student")
        assert self.found("student web") == self.found("student")
        assert self.found("student nowhere") == []
        assert self.found('"Web Development" student') == self.found("student")
        assert self.found("web development") == self.found("web") != []

    def test_beginnings_in_any_case(self, world):
        """R6: with `^` what begins with the word is found, as it is and with no wildcards; a number is a whole one."""
        row = CohortUser.objects.get(user=world.student, cohort=world.cohort)
        assert self.found("STUDENT@Ex") == ["student@example.org"]
        for text in ("tudent", "development", "stud_nt", "%tudent", "stud%"):
            assert self.found(text) == []
        assert self.found(str(row.pk)) == ["student@example.org"]
        assert self.found(f"{row.pk}.0") == self.found("9" * 30) == []

    def test_any_column_of_an_unsigned_field(self, world):
        """R6: without a sign, a small table is searched anywhere in the text."""
        rows = search(Cohort.objects.all(), fields=("name", "academy__name"), text="velop miam")
        assert world.cohort in rows

    def test_a_key_is_found_in_capitals(self, make_class):
        """R6: `=` finds the text as it is stored, in lower case."""
        live_class = make_class()
        assert search(LiveClass.objects.all(), fields=("=hash",), text=live_class.hash.upper()).get() == live_class
        assert not search(LiveClass.objects.all(), fields=("=hash",), text=live_class.hash[:-1]).exists()

    def test_the_large_table_is_read_by_its_keys(self, world):
        """R6: its condition names no column of another table, which no index of its own could answer."""
        with captured_queries() as captured:
            self.found("student")
        assert len(captured) == 3
        assert "LIKE" not in captured[-1].upper()

    def test_many_related_rows_are_all_found(self, world, monkeypatch):
        """R6: a word that is in more of them than a list of ids may hold leaves nobody out."""
        few = self.found("s")
        monkeypatch.setattr(lists, "MAX_RELATED", 1)
        assert self.found("s") == few
        assert len(set(few)) > 1

    @pytest.mark.parametrize("text", ["\x00", "'", '"', "%", "\\", "a" * 5000, " ".join("abcdefgh"), "İ"])
    def test_odd_text(self, root, world, text):
        """R6: is looked for as it is, or finds nothing; more than five words count as five."""
        assert root.get(page(CohortUser, "changelist"), {"q": text}).status_code == 200

    def test_statements_do_not_grow(self, root, world, classes):
        """R6: neither with the related rows that are found nor with the rows themselves."""

        def statements() -> int:
            with captured_queries() as captured:
                assert root.get(page(Attendance, "changelist"), {"q": "student"}).status_code == 200
            return len(captured)

        statements()
        one = statements()
        for live_class in classes:
            Attendance.objects.create(
                live_class=live_class,
                user=world.student,
                status="PRESENT",
                source="STAFF",
                recorded_at=live_class.starting_at,
            )
        assert statements() == one


def test_a_class_is_found_by_cohort_and_join_link(root, world, classes):
    """R6: by the last part of its link, too; a search looks at all classes, the past ones as well."""
    LiveClass.objects.filter(pk=classes[0].pk).update(
        starting_at=datetime.datetime(2020, 1, 1, 9, tzinfo=datetime.UTC),
        ending_at=datetime.datetime(2020, 1, 1, 10, tzinfo=datetime.UTC),
    )

    def found(text: str) -> set[int]:
        response = root.get(page(LiveClass, "changelist"), {"q": text})
        return {row.pk for row in response.context["cl"].result_list}

    assert found(classes[0].hash) == {classes[0].pk}
    assert found(Cohort.objects.get(pk=world.cohort.pk).name) == {row.pk for row in classes}
