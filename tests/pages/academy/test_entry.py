"""`/academy` (rule V1)."""

from django.test import Client

from breathecode.authenticate.models import AcademyMember

HTML = {"Accept": "text/html,*/*;q=0.8"}


def opened(person):
    client = Client(headers=HTML)
    client.force_login(person)
    return client.get("/academy")


def test_the_only_academy(world):
    """V1: it leads there at once."""
    answer = opened(world.reader)
    assert (answer.status_code, answer["Location"]) == (302, "/academy/downtown-miami")


def test_several(world):
    """V1: it asks which; the address of each can be shared."""
    AcademyMember.objects.create(user=world.reader, academy=world.madrid, role="staff")
    html = opened(world.reader).content.decode()
    assert '<a href="/academy/downtown-miami">Downtown Miami</a>' in html
    assert '<a href="/academy/madrid">Madrid</a>' in html


def test_who_works_nowhere(world):
    """V1: a student gets the 404 page."""
    assert opened(world.student).status_code == 404
