"""Cohorts with random attendance and surveys, and a reader who opens their pages."""

import datetime
import re
from random import Random

import pytest
from django.test import Client

from breathecode.admissions.models import Cohort
from breathecode.authenticate.models import User
from tests.support.classes import NOW
from tests.support.marks import random_facts
from tests.support.surveys import answered_at_random

HTML = {"Accept": "text/html,*/*;q=0.8"}


@pytest.fixture
def opened(world):
    """Opens a page of the academy as its coordinator, or as another person."""

    clients: dict[int, Client] = {}

    def open_(path, *, as_=None, **query):
        person = as_ or world.coordinator
        if person.pk not in clients:
            clients[person.pk] = Client(headers=HTML)
            clients[person.pk].force_login(person)
        return clients[person.pk].get(f"/academy/{world.miami.slug}{path}", query)

    return open_


@pytest.fixture
def random_cohorts(world):
    """Makes cohorts with classes a week apart; returns the facts of their attendance and the rows of their answers."""

    def make(seed, number, *, weeks=6, students=4, name="Cohort", **fields):
        random, facts, rows = Random(seed), [], []
        users = [User(email=f"p{n}@example.org", password="!", **fields) for n in range(students)]
        people = User.objects.bulk_create(users)
        for n in range(number):
            given = {"academy": world.miami, "slug": f"c{n}", "name": f"{name} {n}", "stage": Cohort.Stage.STARTED}
            slot = world.time_slot(cohort=Cohort.objects.create(**given))
            facts.append(random_facts(random, slot, people, now=NOW, classes=weeks, days_apart=7))
            for live_class in facts[-1].classes:
                rows += answered_at_random(random, live_class, people, [world.teacher], now=NOW)
        return facts, rows

    return make


@pytest.fixture
def words():
    """The text of a page, or of its table with this id of its heading; blanks in a row as one."""

    def read(answer, table=""):
        html = answer.content.decode()
        if table:
            html = html[html.index(f'aria-labelledby="{table}"') :]
            html = html[: html.index("</table>")]
        return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html)).strip()

    return read


@pytest.fixture
def rows_of(words):
    """The lines of a table as lists of cells, without its head."""

    def read(answer, table):
        html = answer.content.decode()
        html = html[html.index(f'aria-labelledby="{table}"') :]
        body = html[html.index("<tbody>") : html.index("</table>")]
        rows = [re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL) for row in body.split("</tr>")[:-1]]
        return [[re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", cell)).strip() for cell in row] for row in rows]

    return read


def monday_of(day):
    return day - datetime.timedelta(days=day.weekday())
