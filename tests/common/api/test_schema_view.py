"""`/v1/schema` costs nothing but the first time."""

import json

import pytest
from drf_spectacular.generators import SchemaGenerator

URL = "/v1/schema"


@pytest.fixture
def made(monkeypatch):
    """How often a schema was made; what an earlier test left in memory is no part of this one."""
    from breathecode.common.api.schema_view import _made

    _made.cache_clear()
    count = []
    make = SchemaGenerator.get_schema

    def counting(*args, **kwargs):
        count.append(1)
        return make(*args, **kwargs)

    monkeypatch.setattr(SchemaGenerator, "get_schema", counting)
    yield count
    _made.cache_clear()


def test_it_is_made_once(client, made):
    """O1: once for each language and format, whoever asks."""
    answers = [client.get(URL, headers={"Accept": "application/json"}) for _ in range(3)]
    assert (len(made), {answer.content for answer in answers}) == (1, {answers[0].content})
    assert json.loads(answers[0].content)["openapi"].startswith("3.")
    assert client.get(URL).content.startswith(b"openapi: 3.")
    assert len(made) == 2
    for language in ("xx", "a" * 100, "en-GB"):
        client.get(f"{URL}?lang={language}")
    assert len(made) == 2


def test_an_unchanged_one_is_not_sent_again(client, made):
    """O1: 304 to the ETag."""
    etag = client.get(URL)["ETag"]
    answer = client.get(URL, headers={"If-None-Match": etag})
    assert (answer.status_code, answer.content, answer["ETag"]) == (304, b"", etag)
    assert client.get(URL, headers={"If-None-Match": '"other"'}).status_code == 200
