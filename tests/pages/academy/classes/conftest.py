"""What the tests of pages that change a class share."""

import re
from datetime import timedelta

import pytest
from django.test import Client

from breathecode.events.models import ClassNotice
from tests.support.classes import NOW

HTML = {"Accept": "text/html,*/*;q=0.8"}


class Browser:
    """Somebody in front of the pages: what a form holds is sent, hidden fields included."""

    def __init__(self, person):
        self.client = Client(headers=HTML)
        self.client.force_login(person)

    def get(self, path):
        return self.client.get(path)

    def send(self, path, html=None, **typed):
        """The last form of the page that was shown, with these fields typed into it."""
        shown = html if html is not None else self.client.get(path.partition("?")[0]).content.decode()
        return self.client.post(path, {**hidden_fields(shown), **typed})


def hidden_fields(html):
    main = html[html.index("<main") :]
    form = main[main.rindex('<form method="post"') :] if '<form method="post"' in main else ""
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: value for name, value in fields if name != "csrfmiddlewaretoken"}


def text_of(answer):
    html = answer.content.decode() if hasattr(answer, "content") else answer
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html))


@pytest.fixture
def browser():
    return Browser


@pytest.fixture
def told():
    """Marks a user as told of the class as it is."""

    def tell(live_class, user, **fields):
        return ClassNotice.objects.create(
            **{
                "user": user,
                "cohort": live_class.cohort,
                "live_class_id": live_class.pk,
                "hash": live_class.hash,
                "title": "Loops",
                "starting_at": live_class.starting_at,
                "ending_at": live_class.ending_at,
                "cancelled": False,
                "channel": "REMINDER",
                "sent_at": NOW - timedelta(hours=1),
                "mail_count": 1,
                **fields,
            }
        )

    return tell
