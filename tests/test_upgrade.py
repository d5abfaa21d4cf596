"""An upgrade while people work: the previous release's program serves on the tables of this one.

docs/operations.md lets the old processes answer until the new ones have booted, after `migrate`.
"""

from contextlib import ExitStack

import pytest
from django.db import connection

from tests.support import previous_release
from tests.support.daily_use import DailyUse
from tests.support.processes import ROOT
from tests.support.product import CLASSES, Product
from tests.support.servers import web_server

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow, pytest.mark.timeout(600)]


@pytest.fixture(scope="module")
def old_code(tmp_path_factory):
    return previous_release.unpack(tmp_path_factory.mktemp("previous-release"))


@pytest.fixture(scope="module")
def filled(databases, old_code):
    """A product that the previous release installed and filled, and this one migrated: it, and a feed's address."""
    product = Product.new(databases(), root=old_code)
    with web_server(product.env, root=old_code) as web:
        used = DailyUse(product, web.url)
        slot, built = used.add_slot()
        used.join(used.class_now(slot)["hash"])
        feed = used.feed_path()
        assert (built, used.events_of(feed)) == (CLASSES, CLASSES + 1)
    product.root = ROOT
    product.manage("migrate")
    return product, feed


def use_everything(used, other, feed):
    """Lists, joins, writes, builds, feeds and pages at one web server; the other shows each change at once."""
    assert used.call("GET", "/readyz")["parts"]["database"] == "ok"
    before = used.classes()
    slot, built = used.add_slot()
    live_class = used.class_now(slot)
    used.join(live_class["hash"])
    other.join(live_class["hash"])
    ids = [row["id"] for row in used.classes()]
    assert len(ids) == len(before) + built + 1
    assert [row["id"] for row in other.classes()] == ids
    assert used.events_of(feed) == other.events_of(feed) == len(ids)
    used.call("PUT", f"/v1/events/academy/event/liveclass/{live_class['id']}", {"title": f"By {used.url}"})
    assert live_class["id"] in [row["id"] for row in other.classes() if row["title"] == f"By {used.url}"]
    assert f"By {used.url}" in other.open(feed)[2].replace("\r\n ", "")
    cookies = used.sign_in()
    assert "Miami" in used.page(cookies)
    assert "Miami" in other.page(cookies)


def test_old_and_new_processes_share_tables_and_cache(filled, old_code, valkey):
    """O6: during an upgrade both serve lists, joins, writes, builds, feeds and pages, on the same tables and cache."""
    product, feed = filled
    env = {**product.env, "CACHE_URL": valkey.url}
    if connection.vendor == "postgresql":  # with SQLite, tasks run in the one web process there is
        env["CELERY_BROKER_URL"] = valkey.url
    with ExitStack() as stack:
        old = DailyUse(product, stack.enter_context(web_server(env, root=old_code)).url)
        new = DailyUse(product, stack.enter_context(web_server(env)).url)
        use_everything(old, new, feed)
        use_everything(new, old, feed)


def test_builds_of_both_releases_agree(filled, old_code):
    """G1: a build by the old code leaves nothing to do for one by the new code, and the other way round."""
    product, _ = filled
    changed = "SELECT id, starting_at, ending_at, sequence FROM events_liveclass ORDER BY id"
    due = "SELECT count(*) FROM admissions_cohorttimeslot WHERE revision != built_revision"
    for first, second in ((old_code, ROOT), (ROOT, old_code)):
        product.add_unbuilt_slots(1)
        assert product.rows(due) == [(1,)]
        product.root = first
        product.manage("build_live_classes", "--sync")
        built = product.rows(changed)
        product.root = second
        product.manage("build_live_classes", "--sync")
        product.root = ROOT
        assert product.rows(due) == [(0,)]
        assert product.rows(changed) == built


def test_the_archive_names_its_commit():
    """O6: so that nobody has to guess which release the tests upgrade from."""
    assert len(previous_release.commit()) == 40
