"""After a class, on real servers: broker, worker, web server and mail server, from the join to the average."""

import http.client
import json
import re
import urllib.parse

import pytest

from tests.support import servers
from tests.support.product import until

pytestmark = pytest.mark.timeout(300)  # it starts several programs, on a machine that may be busy
SOON = 60

CLASSROOM = """
import datetime, json
from django.utils import timezone
from breathecode.admissions.models import Cohort, CohortTimeSlot, CohortUser
from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass
from breathecode.feedback.models import FeedbackSettings
cohort = Cohort.objects.get()
FeedbackSettings.objects.create(academy=cohort.academy)
keys = {}
for name in ("teacher", "ana", "ben", "eva", "leo"):
    user = User.objects.create_user(f"{name}@example.org", first_name=name.title())
    CohortUser.objects.create(cohort=cohort, user=user, role="TEACHER" if name == "teacher" else "STUDENT")
    keys[name] = sign_in(user=user)[0]
now = timezone.now()
slot = CohortTimeSlot.objects.create(cohort=cohort, starting_at=1400, ending_at=1600, timezone="UTC")
# Made by hand, so that it can be now; the slot's own classes lie ahead.
live_class = LiveClass.objects.create(
    cohort_time_slot=slot, starting_at=now - datetime.timedelta(hours=1), ending_at=now + datetime.timedelta(hours=1)
)
print(json.dumps({"keys": keys, "class": live_class.pk, "hash": live_class.hash}))
"""
# Nobody can wait for a class to pass: what has happened is put back in time.
TWENTY_MINUTES_PASS = """
import datetime
from django.db.models import F
from breathecode.events.models import ClassJoin, LiveClass
ClassJoin.objects.update(joined_at=F("joined_at") - datetime.timedelta(minutes=20))
LiveClass.objects.filter(planned_date=None).update(started_at=F("started_at") - datetime.timedelta(minutes=20))
"""
ITS_END_PASSES = """
import datetime
from django.utils import timezone
from breathecode.events.models import LiveClass
LiveClass.objects.filter(planned_date=None).update(ending_at=timezone.now() - datetime.timedelta(minutes=31))
"""
STARTED = "SELECT count(*) FROM events_liveclass WHERE planned_date IS NULL AND started_at IS NOT NULL"
EVERY_TASK_AGAIN = """
from breathecode.events.models import LiveClass
from breathecode.events.tasks import close_overdue_live_classes, mark_live_class_as_started, start_joined_live_classes
from breathecode.feedback.tasks import send_due_surveys, send_liveclass_survey
from breathecode.notify.tasks import send_due_mails
for _ in range(2):
    for live_class in LiveClass.objects.filter(planned_date=None):
        mark_live_class_as_started.delay(live_class_id=live_class.pk)
        send_liveclass_survey.delay(live_class_id=live_class.pk)
    for task in (close_overdue_live_classes, start_joined_live_classes, send_due_surveys, send_due_mails):
        task.delay()
"""


def fetch(url, method, path, body=None, **headers):
    """Status, headers and content of one request; redirects are not followed."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(url).netloc, timeout=30)
    connection.request(method, path, body, headers)
    answer = connection.getresponse()
    content = answer.read().decode()
    connection.close()
    return answer.status, answer.headers, content


def surveys(sink):
    return [message["X-RcptTo"] for message in list(sink.messages) if "survey" in str(message)]


def test_from_the_join_to_the_average(product, smtp_sink):
    """A1, A3, A4, S1, S2, S4, S5: rows, log, mails and averages are right, and nothing doubles, whatever stops."""
    product.env |= {"EMAIL_URL": smtp_sink.url}
    room = json.loads(product.python(CLASSROOM).stdout.splitlines()[-1])

    def join(web, name):
        path = f"/v1/events/me/event/liveclass/join/{room['hash']}?token={room['keys'][name]}"
        status, headers, _content = fetch(web.url, "GET", path)
        assert (status, headers["Location"]) == (302, "https://zoom.us/j/1")

    with servers.web_server(product.env) as web:
        with servers.celery_worker(product.env, "--concurrency=2") as worker:
            join(web, "teacher")
            until(
                lambda: (
                    product.rows("SELECT started_at FROM events_liveclass WHERE planned_date IS NULL")[0][0] is not None
                ),
                seconds=SOON,
            )
            join(web, "ana"), join(web, "ben")
            product.python(TWENTY_MINUTES_PASS)
            join(web, "eva")
            smtp_sink.stop()
            product.python(ITS_END_PASSES)
            product.python("from breathecode.events.tasks import close_overdue_live_classes as c; c.delay()")
            until(lambda: product.rows("SELECT count(*) FROM feedback_survey")[0][0] == 1, seconds=SOON)
            worker.kill()  # with the mails still in the outbox
        smtp_sink.start()
        with servers.celery_worker(product.env, "--concurrency=2"):
            product.python(EVERY_TASK_AGAIN)
            until(lambda: len(surveys(smtp_sink)) >= 3, seconds=SOON)
            product.python(EVERY_TASK_AGAIN)
            waiting = "SELECT count(*) FROM notify_outgoingmail WHERE state <> 'SENT'"
            until(lambda: product.rows(waiting)[0][0] == 0, seconds=SOON)
        marks = product.rows(
            "SELECT u.email, a.status, a.source FROM attendance_attendance a"
            " JOIN authenticate_user u ON u.id = a.user_id ORDER BY u.email"
        )
        assert marks == [
            ("ana@example.org", "PRESENT", "JOIN"),
            ("ben@example.org", "PRESENT", "JOIN"),
            ("eva@example.org", "LATE", "JOIN"),
        ]
        assert sorted(surveys(smtp_sink)) == ["ana@example.org", "ben@example.org", "eva@example.org"]
        _status, log, _seconds = product.call(web.url, "GET", f"/v1/admissions/academy/cohort/{product.cohort}/log")
        (day,) = log.values()
        assert len(day["attendance_ids"]) == 3
        answer_without_a_password(web, smtp_sink)
        _status, (survey,), _seconds = product.call(web.url, "GET", "/v1/feedback/academy/survey")
        assert (survey["people_asked"], survey["people_answered"], survey["average"]) == (3, 1, 9.0)


def answer_without_a_password(web, sink):
    """As Ana: the link of her mail, the page behind it, and its form."""
    (mail,) = [
        message for message in sink.messages if message["To"] == "ana@example.org" and "/survey/" in str(message)
    ]
    text = mail.get_body(("plain",)).get_content()
    (path,) = re.findall(r"http://\S+?(/survey/\d+\?token=[\w-]+)", text)
    status, _headers, page = fetch(web.url, "GET", path)
    assert status == 200
    first = re.findall(r'name="(score-\d+)"', page)[0]
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    status, _headers, _content = fetch(web.url, "POST", path, f"{first}=9", **form)
    assert status == 302
