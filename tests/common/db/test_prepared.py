"""Lists whose SQL is made once: the rows that Django itself would read, whatever the values."""

import datetime

import pytest
from django.db.models import Exists, F, Q

from breathecode.authenticate.models import LimitCount, Token, User
from breathecode.common.db import prepared
from breathecode.common.db.prepared import PreparedInsert, PreparedRows
from tests.support.queries import assert_num_queries, captured_queries
from tests.support.threads import together

pytestmark = pytest.mark.django_db

COLUMNS = ("id", "user__email", "expires_at", "user__is_staff")
LATER = datetime.datetime(2031, 1, 1, 12, 30, 15, 250, tzinfo=datetime.UTC)


def tokens(user_id, purpose):
    return Token.objects.filter(user_id=user_id, purpose=purpose)


def never(*arguments):
    raise AssertionError(arguments)


def everybody():
    return User.objects.all()


@pytest.fixture
def people():
    people = [User.objects.create_user(f"{name}@example.org", first_name=name) for name in ("ana", "bea", "eva")]
    for person in people:
        for purpose in ("SIGN_IN", "CALENDAR"):
            expires_at = LATER if purpose == "SIGN_IN" else None
            Token.objects.create(user=person, purpose=purpose, key_hash=f"{person.pk}{purpose}", expires_at=expires_at)
    return people


@pytest.fixture
def made(monkeypatch):
    """The statements that are prepared during the test, or None for what Django must be asked."""
    made = []
    prepare = PreparedRows._prepare

    def remember(self, *arguments):
        made.append(prepare(self, *arguments))
        return made[-1]

    monkeypatch.setattr(PreparedRows, "_prepare", remember)
    return made


def test_the_rows_are_the_querys_own(people, made):
    """U2: for each value what Django would answer, types included; the SQL is made once, and asked with four times."""
    kind = PreparedRows(Token, tokens, *COLUMNS, ordering=("id",))
    for person in people:
        for purpose in ("SIGN_IN", "CALENDAR"):
            expected = list(tokens(person.pk, purpose).order_by("id").values_list(*COLUMNS))
            with assert_num_queries(1):
                assert kind.bind(person.pk, purpose)[0:10] == expected
            assert (expected[0][1], expected[0][2]) == (person.email, LATER if purpose == "SIGN_IN" else None)
    assert kind.bind(people[0].pk, "' OR 1=1 --")[0:10] == []
    assert len(made) == 1
    assert made[0] is not None


def test_none_asks_something_else(people, made):
    """H4: without a value the SQL is another: IS NULL, not a comparison with it."""
    kind = PreparedRows(Token, lambda expires_at: Token.objects.filter(expires_at=expires_at), "key_hash")
    assert len(kind.bind(LATER)[0:10]) == 3
    assert {key[-8:] for (key,) in kind.bind(None)[0:10]} == {"CALENDAR"}
    assert len(made) == 2


CONDITIONS = [
    [Q(first_name="ana")],
    [Q(first_name="bea")],
    [~Q(first_name="ana")],
    [Q(first_name__in=["ana", "eva"]) | Q(id__in=[])],
    [Q(first_name__in=["ana", "ana"])],
    [Q(first_name__in=[]) | Q(last_name="")],
    [Q(id__in=[])],
    [Q(id__gt=0) & (Q(email__lt="b") | Q(email="eva@example.org"))],
    [Q(date_joined__gte=LATER)],
    [Q(date_joined__lt=LATER)],
    [Q(date_joined__lt=LATER), Q(last_login__isnull=True), Q(is_active=True)],
    [Q(last_login=None)],
    [Q(first_name__icontains="A")],
    [Q(first_name="ana") | Q(first_name__contains="ana")],
    [Q(date_joined__date=datetime.date(2031, 1, 1))],
    [Q(id=2**70)],
    [Q(id=-(2**63) - 1)],
    [Q(id="1")],
    [Q(is_staff=0)],
    [Q(date_joined__lt="2031-01-01T00:00:00Z")],
    [Q(first_name=F("last_name"))],
    [Q(Exists(Token.objects.filter(purpose="CALENDAR")))],
    [Q(id__in=User.objects.filter(first_name="ana").values("id"))],
    [Q(first_name__in=[f"nobody {number}" for number in range(100)] + ["eva"])],
    [Q(first_name=" Stand-in ß%_0 ") | Q(first_name="ana")],
    [Q(first_name="%s")],
    [Q(first_name="100%")],
]


@pytest.mark.parametrize("ids_first_below", [0, 100])
@pytest.mark.parametrize("conditions", CONDITIONS)
def test_any_condition_gives_the_rows_that_django_gives(people, conditions, ids_first_below):
    """L2: also where Django changes a value on its way, where nothing can match, and beyond what a column holds."""
    columns = ("id", "first_name", "date_joined")
    kind = PreparedRows(User, everybody, *columns, ordering=("first_name",), ids_first_below=ids_first_below)
    query, expected = kind.bind(), User.objects.order_by("first_name").values_list("id", "first_name", "date_joined")
    for condition in conditions:
        query, expected = query.filter(condition), expected.filter(condition)
    for _ in range(2):
        assert query[0:10] == list(expected)
    assert query.count() == expected.count()


def test_constants_stay_what_they_are(people, made):
    """L2: PostgreSQL reads them as literals: percent signs, placeholders, quotes and backslashes in them are text."""
    for name in ("100%", "%s", "%%", "%(name)s", "O'Hara", "back\\slash", "ß\U0001f600"):
        User.objects.create_user(f"{len(made)}@example.org", first_name=name, last_name="99%")

        def named(last_name, name=name):
            return User.objects.filter(first_name=name, last_name=last_name, date_joined__lt=LATER)

        kind = PreparedRows(User, named, "first_name", ordering=("first_name",), keeps_plan=True)
        assert kind.bind("99%")[0:10] == [(name,)]
        assert kind.bind("%s")[0:10] == []
        assert kind.bind("99%")[1:10] == []
    assert None not in made


def test_a_prepared_count_makes_no_sql(people, monkeypatch):
    """H8: of the second count, values aside, nothing is compiled; where Django must compile, it does."""
    rows = PreparedRows(Token, tokens, *COLUMNS, ordering=("id",))
    assert rows.bind(people[0].pk, "SIGN_IN").count() == 1
    monkeypatch.setattr(PreparedRows, "queryset", never)
    with assert_num_queries(1) as statements:
        assert rows.bind(people[1].pk, "' OR 1=1 --").count() == 0
    assert "expires_at" not in statements[0]
    assert "ORDER BY" not in statements[0]
    monkeypatch.undo()
    everyone = PreparedRows(User, everybody, "email").bind()
    assert everyone.filter(email__in=User.objects.values("email")).count() == 3


def test_conditions_of_one_shape_share_their_sql(people, made):
    """L2: other values, the same SQL; another number of values, or another order, other SQL."""
    kind = PreparedRows(User, everybody, "first_name", ordering=("first_name",))
    query = kind.bind()
    assert query.filter(first_name__in=["ana", "eva"])[0:10] == [("ana",), ("eva",)]
    assert query.filter(first_name__in=["bea", "zoe"])[0:10] == [("bea",)]
    assert len(made) == 1
    assert query.filter(first_name__in=["ana", "eva"]).order_by("-first_name")[0:10] == [("eva",), ("ana",)]
    assert query.filter(first_name__in=["ana", "eva"]).order_by(F("first_name").desc())[0:1] == [("eva",)]
    assert query.filter(first_name__in=["ana"])[0:10] == [("ana",)]
    assert query.filter(first_name__gt="ana")[0:10] == [("bea",), ("eva",)]
    assert len(made) == 5
    assert None not in made


def test_a_value_that_django_changes_is_never_put_in_as_it_is(people, made):
    """L2: `icontains` puts percent signs around it, so its SQL is not kept; nor is half of a question."""
    kind = PreparedRows(User, everybody, "first_name", ordering=("first_name",))
    assert kind.bind().filter(first_name__icontains="A")[0:10] == [("ana",), ("bea",), ("eva",)]
    assert kind.bind().filter(first_name__icontains="NA")[0:10] == [("ana",)]
    mixed = [kind.bind().filter(Q(first_name=name) | Q(email__contains=name))[0:10] for name in ("eva", "be")]
    assert mixed == [[("eva",)], [("bea",)]]
    assert made == [None, None]


def test_a_build_that_computes_with_a_value_is_asked_anew(people, made):
    """L2: what comes out of a value is not the value, nor is what comes of the clock."""
    kind = PreparedRows(User, lambda name: User.objects.filter(first_name=name.lower()), "first_name")
    assert kind.bind("Ana")[0:10] == [("ana",)]
    kind = PreparedRows(User, lambda name: User.objects.filter(first_name=name.strip()), "first_name")
    assert kind.bind(" ana ")[0:10] == [("ana",)]
    clock = iter(range(100))
    ticking = PreparedRows(User, lambda: User.objects.exclude(first_name=f"at {next(clock)}"), "first_name")
    assert len(ticking.bind()[0:10]) == 3
    assert made == [None, None, None]


@pytest.mark.parametrize("ids_first_below", [0, 3])
def test_pages(people, ids_first_below):
    """H8: any part of the list, and nothing of it beyond its end."""
    kind = PreparedRows(User, everybody, "first_name", ordering=("first_name",), ids_first_below=ids_first_below)
    query = kind.bind()
    assert [query[0:2], query[2:4], query[4:6]] == [[("ana",), ("bea",)], [("eva",)], []]
    with assert_num_queries(1):
        assert query.count() == 3


def test_only_the_rows_of_a_short_page_are_joined(people):
    """Speed: the ids of a page are found in a query of their own; its rows keep their order."""
    ordering = ("-expires_at", "-id")
    kind = PreparedRows(Token, Token.objects.all, *COLUMNS, ordering=ordering, ids_first_below=6)
    expected = list(Token.objects.order_by(*ordering).values_list(*COLUMNS))
    for page, is_short in ((slice(0, 6), False), (slice(0, 5), True), (slice(2, 4), True), (slice(3, 9), False)):
        with captured_queries() as captured:
            assert kind.bind()[page] == expected[page]
        (statement,) = captured
        assert (" IN (SELECT " in statement) is is_short
        assert statement.count("JOIN") == 1


def test_both_ways_to_read_a_page_are_compiled_once(people, made):
    """O2: a short page and a long one of the same query are two statements, and each is made once."""
    kind = PreparedRows(Token, tokens, *COLUMNS, ids_first_below=3)
    for person in people:
        for rows in (2, 5):
            assert kind.bind(person.pk, "SIGN_IN")[0:rows][0][1] == person.email
    assert len(made) == 2


def test_the_shapes_that_are_kept_are_bounded(people, monkeypatch):
    """H7: whoever thinks of ever other lists of names costs time, never memory."""
    monkeypatch.setattr(prepared, "MAX_QUERY_SHAPES", 3)
    kind = PreparedRows(User, everybody, "first_name")
    for number in range(1, 12):
        assert kind.bind().filter(first_name__in=["ana", *map(str, range(number))])[0:10] == [("ana",)]
        assert len(kind._local.statements) <= 3


def test_a_prepared_question_makes_no_sql(people):
    """O2: from the second time on nothing of Django's query is built; that is what it is for."""
    kind = PreparedRows(Token, tokens, *COLUMNS)
    kind.bind(people[0].pk, "SIGN_IN")[0:1]
    kind.build = never
    with captured_queries() as captured:
        assert kind.bind(people[1].pk, "CALENDAR")[0:1][0][1] == people[1].email
    assert len(captured) == 1


@pytest.mark.django_db(transaction=True)
def test_each_thread_has_its_own(people):
    """U2: a compiler belongs to a thread's connection; eight at once read each their own rows."""
    kind = PreparedRows(Token, tokens, *COLUMNS)
    calls = [lambda person=person: kind.bind(person.pk, "SIGN_IN")[0:10] for person in people * 3]
    assert [rows[0][1] for rows in together(*calls)] == [person.email for person in people * 3]


def test_an_insert_loses_to_an_earlier_one(monkeypatch):
    """J8: one statement each, made once; the row that was there first stays as it is."""
    counts = PreparedInsert(LimitCount, "key", "count", "ends_at")
    for key, count in (("ana's", 1), ("100%", 2), ("ana's", 3)):
        with assert_num_queries(1):
            counts.insert_unless_there(key, count, LATER)
        monkeypatch.setattr(prepared, "InsertQuery", never)
    stored = LimitCount.objects.order_by("count").values_list("key", "count", "ends_at")
    assert list(stored) == [("ana's", 1, LATER), ("100%", 2, LATER)]


def test_an_insert_names_its_fields_in_their_order():
    """J8: else values would end in the columns of others."""
    for fields in (("count", "key", "ends_at"), ("key", "number", "ends_at")):
        with pytest.raises(ValueError, match="in its order"):
            PreparedInsert(LimitCount, *fields)
