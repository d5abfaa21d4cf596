"""Nothing that the product runs reads more because there is more: plans of PostgreSQL at 1,000 and 50,000 classes.

A clock would say as much of the machine as of the code, so this counts pages. The module belongs to the run on
PostgreSQL (`tests/conftest.py`). Whoever adds a route with a body or a page with a form gives it a row in
`tests/support/flat/`; what is only read, the lists of the admin and periodic tasks are called by themselves.
"""

import pytest

from tests.support.database import database_url
from tests.support.flat.calls import everything, measured, row_of
from tests.support.flat.databases import LARGE, MEDIUM, SMALL, fill, opened
from tests.support.flat.known import KNOWN

EVERYTHING = list(everything())
CALLED = [called for called in EVERYTHING if row_of(called) is not None]
# Of a statement's pages: in a tree with one level more, a look-up of two pages is one of three, and the planner may
# look up more of the rows before it has all conditions: together up to twice the pages for a few thousand look-ups.
# What reads a table that grows reads about five times as much from 10,000 classes to 50,000. `make bench` has whole
# requests.
GROWTH = 2
# Pages more that are no growth: one plan visits a page for each of 110 classes of the school, another a few for all
# of them, and which is chosen may vary from run to run.
SPARE = 160
# What is in KNOWN counts as mended only where it clearly is.
GROWTH_OF_KNOWN, SPARE_OF_KNOWN = 1.6, 20
# Where a table is of a few hundred pages, the planner may prefer all of it to an index; it no longer does of more.
CHOICE = 500

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("flat")]


@pytest.fixture(scope="module")
def filled(databases, django_db_blocker):
    """Databases of the three sizes."""
    from django.db import connection

    sizes = (SMALL, MEDIUM, LARGE)
    with django_db_blocker.unblock():
        connection.close()  # a database that is in use cannot be copied
        names = [databases(database_url()).rpartition("/")[2] for _size in sizes]
        return [fill(name, classes=size) for name, size in zip(names, sizes, strict=True)]


def read(called, database, *, by_index):
    with opened(database, by_index=by_index) as school:
        return measured(called, school)


def growth(called, small, medium, large, *, factor, spare):
    """What is wrong, "" for nothing.

    As tables grow the planner changes from one way to another, which may read a few pages more for the same rows. So
    where more is read than at 1,000 classes, it must be no more than at 10,000 in the same way.
    """
    few = read(called, small, by_index=True)
    many = read(called, large, by_index=False)
    if not grown(few, many, large.large, factor=factor, spare=spare):
        return ""
    before, after = (read(called, database, by_index=True) for database in (medium, large))
    # `after` is no more than `before`, or the first comparison says so.
    by_any_way = [max(reads, key=lambda read: read.pages) for reads in zip(few, before, after, strict=False)]
    return grown(before, after, large.large, factor=factor, spare=spare) or grown(
        by_any_way, many, set(), factor=factor, spare=spare + CHOICE
    )


def grown(before, after, large, *, factor, spare):
    """The statements that read more, or the whole of a large table; "" for none."""
    if len(after) != len(before):
        return f"{len(after)} statements instead of {len(before)}"
    found = [
        f"{now.pages} pages instead of {once.pages}, whole tables: {', '.join(now.scanned) or 'none'}: {now.sql}"
        for once, now in zip(before, after, strict=True)
        if now.pages > factor * once.pages + spare or now.scanned & large
    ]
    return "\n".join(found)


def test_everything_has_a_row():
    """Speed: a new route that takes a body, or a new form, is called here too."""
    assert [str(called) for called in EVERYTHING if row_of(called) is None] == []


def test_what_is_known_exists():
    """Speed: no line is left of a route that was renamed."""
    assert set(KNOWN) <= {str(called) for called in CALLED}


@pytest.mark.django_db
@pytest.mark.parametrize("called", CALLED, ids=str)
def test_it_reads_no_more_where_there_is_more(called, filled):
    """Speed: no statement's pages grow with the classes of others, and no table that grows is read as a whole."""
    known = KNOWN.get(str(called))
    if known:
        wrong = growth(called, *filled, factor=GROWTH_OF_KNOWN, spare=SPARE_OF_KNOWN)
        assert wrong, f"It is mended: remove it from KNOWN ({known})."
    else:
        assert growth(called, *filled, factor=GROWTH, spare=SPARE) == ""
