"""The bytes of calendars, by the letter of RFC 5545, 5546, 6868 and 7986; no database."""

import dataclasses
import datetime
import re

import pytest

from breathecode.calendars.domain.objects import CalendarEntry, CalendarUser, invitations, published_calendar
from breathecode.common.i18n.languages import supported_language
from tests.support.calendars import events

LINK = "http://testserver/v1/events/me/event/liveclass/join/" + "ab" * 20
ENTRY = CalendarEntry(
    id=123,
    hash="ab" * 20,
    own_title="",
    starting_at=datetime.datetime(2025, 10, 28, 18, tzinfo=datetime.UTC),
    ending_at=datetime.datetime(2025, 10, 28, 20, tzinfo=datetime.UTC),
    cancelled_at=None,
    cancel_reason="",
    sequence=2,
    updated_at=datetime.datetime(2025, 10, 1, 9, 30, 15, 999999, tzinfo=datetime.UTC),
    cohort_name="Web Development",
    language="en",
    academy_name="Downtown Miami",
)
CANCELLED = dataclasses.replace(ENTRY, cancelled_at=ENTRY.updated_at, cancel_reason="Thanksgiving", sequence=3)
SCHOOL, ANA = CalendarUser("Downtown Miami", "school@example.org"), CalendarUser("Ana", "ana@example.org")

HARD_TEXTS = {
    "emoji": "😀" * 60,
    "joined emoji": "👩🏽‍💻👨‍👩‍👧‍👦🏳️‍🌈" * 20,
    "arabic": "مرحبا بكم في الدرس المباشر " * 12,
    "combining": "e\u0301n\u0303" * 80,
    "one octet off": "a" + "é" * 100,
    "escapes": "back\\slash; comma, and\nnew line",
    "not an escape": r"C:\New\new \; \, \\ \N",
    "only escapes": "\\,;\n" * 60,
    "line ends": "one\r\ntwo\rthree\nfour",
    "looks like a property": "x\nATTENDEE:mailto:evil@example.org\r\nEND:VEVENT",
    "spaces": " leading and trailing ",
    "long": "ñ😀 " * 1250 + "!" * 1250,
}


def unfold(content: bytes) -> list[str]:
    return content.replace(b"\r\n ", b"").decode().split("\r\n")[:-1]


def titled(title: str) -> bytes:
    return published_calendar([dataclasses.replace(ENTRY, own_title=title)], name=title)


def test_a_class_line_by_line():
    """I3: every line of a feed of one class."""
    assert unfold(published_calendar([ENTRY], name="Web Development")) == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//BreatheCode//Live Classes//EN",
        "CALSCALE:GREGORIAN",
        "NAME:Web Development",
        "X-WR-CALNAME:Web Development",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "BEGIN:VEVENT",
        "SUMMARY:Web Development",
        "DTSTART:20251028T180000Z",
        "DTEND:20251028T200000Z",
        "DTSTAMP:20251001T093015Z",
        "UID:liveclass-123@testserver",
        "SEQUENCE:2",
        f"CONFERENCE;FEATURE=VIDEO;LABEL=Join the class;VALUE=URI:{LINK}",
        f"DESCRIPTION:Join: {LINK}\\n\\nWeb Development\\, Downtown Miami",
        "LAST-MODIFIED:20251001T093015Z",
        f"LOCATION:{LINK}",
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        f"URL:{LINK}",
        "END:VEVENT",
        "END:VCALENDAR",
    ]


def test_a_cancelled_class_stays_and_says_why():
    """I3: STATUS:CANCELLED, the reason in the text, no time taken and nothing to join."""
    (event,) = events(published_calendar([CANCELLED], name="x"))
    assert (event["status"], event["transp"], event["sequence"]) == ("CANCELLED", "TRANSPARENT", 3)
    assert event["description"] == f"Cancelled: Thanksgiving\n\nWeb Development, Downtown Miami\n\n{LINK}"
    assert "conference" not in event
    assert event["uid"] == "liveclass-123@testserver"


@pytest.mark.parametrize(
    ("code", "join", "cancelled", "label"),
    [
        ("en", "Join: ", "Cancelled: ", "Join the class"),
        ("es", "Unirse: ", "Cancelada: ", "Unirse a la clase"),
        ("es-MX", "Unirse: ", "Cancelada: ", "Unirse a la clase"),
        ("es_ES", "Unirse: ", "Cancelada: ", "Unirse a la clase"),
        ("tlh", "Join: ", "Cancelled: ", "Join the class"),
        ("", "Join: ", "Cancelled: ", "Join the class"),
    ],
)
def test_texts_are_in_the_cohorts_language(code, join, cancelled, label):
    """I3: each event speaks its own cohort's language, English where there is no other."""
    both = [dataclasses.replace(entry, language=code) for entry in (ENTRY, CANCELLED)]
    coming, gone = events(published_calendar(both, name="x"))
    assert coming["description"].startswith(join + LINK)
    assert gone["description"].startswith(f"{cancelled}Thanksgiving")
    assert coming["conference"].params["LABEL"] == label


def test_a_cancelled_class_without_a_reason():
    """I3: no empty place where a reason would stand."""
    (event,) = events(published_calendar([dataclasses.replace(CANCELLED, cancel_reason="")], name="x"))
    assert event["description"].startswith("Cancelled\n\nWeb")


def test_unknown_languages_are_english():
    """I3: whatever a cohort's language field holds, the feed can be written."""
    assert [supported_language(code) for code in ("es", "ES-mx", "xx", "../../etc", "")] == [
        "es",
        "es",
        "en",
        "en",
        "en",
    ]


@pytest.mark.parametrize("title", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_any_text_survives_the_way_to_the_client(title):
    """I3: what was written is what is read, character for character, and no text becomes a property of its own."""
    content = titled(title)
    (event,) = events(content)
    assert str(event["summary"]) == title.replace("\r\n", "\n").replace("\r", "\n")
    # The reading library leaves the names of calendars escaped: they must be written as the summary is.
    names = ("NAME:", "X-WR-CALNAME:", "SUMMARY:")
    assert len({line.partition(":")[2] for line in unfold(content) if line.startswith(names)}) == 1
    assert "attendee" not in event


@pytest.mark.parametrize("title", HARD_TEXTS.values(), ids=HARD_TEXTS)
def test_lines_are_folded_at_75_octets_between_characters(title):
    """I3: CRLF after every line, no bare CR or LF, 75 octets at most, each line UTF-8 by itself."""
    content = titled(title)
    assert content.endswith(b"END:VCALENDAR\r\n")
    assert not re.search(rb"(?<!\r)\n|\r(?!\n)", content)
    lines = content.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    for line in lines:
        line.decode("utf-8")


def test_a_long_name_of_short_words_really_is_folded():
    """I3: 5,000 characters take many lines; guards the tests above against texts that need no folding."""
    assert len(HARD_TEXTS["long"]) == 5000
    summary = titled(HARD_TEXTS["long"]).split(b"SUMMARY:")[1].split(b"DTSTART")[0]
    assert summary.count(b"\r\n ") > 100


def test_escapes_are_written_as_the_rfc_says():
    """I3: backslash, semicolon, comma and line break; a colon and quotes stay."""
    lines = unfold(titled('a\\b;c,d\ne:"f"'))
    assert 'SUMMARY:a\\\\b\\;c\\,d\\ne:"f"' in lines
    assert 'X-WR-CALNAME:a\\\\b\\;c\\,d\\ne:"f"' in lines


def test_control_characters_are_left_out():
    """I3: RFC 5545 has no way to write them; a tab is allowed."""
    (event,) = events(titled("a\x00b\x0bc\x1f\x7fd\te"))
    assert event["summary"] == "abcd\te"


def test_equal_classes_give_equal_bytes():
    """I4: no clock and no chance in the text."""
    assert published_calendar([ENTRY, CANCELLED], name="x") == published_calendar([ENTRY, CANCELLED], name="x")


def test_the_host_of_a_uid_has_no_port(settings):
    """I3: UID:liveclass-<id>@<host>."""
    settings.PUBLIC_URL = "https://classes.example.org:8443"
    assert ENTRY.uid == "liveclass-123@classes.example.org"


SENT_AT = datetime.datetime(2025, 10, 20, 12, tzinfo=datetime.UTC)


def test_an_invitation_is_a_request():
    """I3 (RFC 5546, 3.2.2): METHOD, ORGANIZER, ATTENDEE, the same UID and SEQUENCE as the feed."""
    (message,) = invitations([ENTRY], organizer=SCHOOL, attendee=ANA, at=SENT_AT)
    lines = unfold(message)
    assert "METHOD:REQUEST" in lines
    assert "DTSTAMP:20251020T120000Z" in lines
    assert "LAST-MODIFIED:20251001T093015Z" in lines
    assert 'ORGANIZER;CN="Downtown Miami":mailto:school@example.org' in lines
    assert "ATTENDEE;CN=Ana;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=FALSE:mailto:ana@example.org" in lines
    (event,) = events(message)
    assert (event["uid"], event["sequence"], event["status"]) == ("liveclass-123@testserver", 2, "CONFIRMED")


def test_a_cancelled_class_is_called_off():
    """I3 (RFC 5546, 3.2.5): METHOD:CANCEL with STATUS:CANCELLED and the raised SEQUENCE."""
    (message,) = invitations([CANCELLED], organizer=SCHOOL, attendee=ANA, at=SENT_AT)
    (event,) = events(message)
    assert "METHOD:CANCEL" in unfold(message)
    assert (event["uid"], event["sequence"], event["status"]) == ("liveclass-123@testserver", 3, "CANCELLED")


def test_one_person_is_uninvited():
    """I3 (RFC 5546, 3.2.5): CANCEL without STATUS, which would call the class off for everybody."""
    (message,) = invitations([ENTRY], organizer=SCHOOL, attendee=ANA, at=SENT_AT, uninvited=True)
    (event,) = events(message)
    assert "METHOD:CANCEL" in unfold(message)
    assert "status" not in event


def test_several_classes_are_several_messages():
    """I3 (RFC 5546, 3.2.2): the events of one REQUEST share a UID, so each class has a message of its own."""
    other = dataclasses.replace(ENTRY, id=124)
    messages = invitations([ENTRY, other, CANCELLED], organizer=SCHOOL, attendee=ANA, at=SENT_AT)
    assert [[str(event["uid"]) for event in events(message)] for message in messages] == [
        ["liveclass-123@testserver"],
        ["liveclass-124@testserver"],
        ["liveclass-123@testserver"],
    ]
    assert [b"METHOD:CANCEL" in message for message in messages] == [False, False, True]


def test_names_of_people_survive_as_parameters():
    """I3 (RFC 6868): quotes, colons and line breaks in a name neither end the parameter nor the line."""
    name = 'Ana "la jefa"; DIR="x": O\u2019Neill,\nATTENDEE:mailto:evil@example.org\x07 ^n'
    (message,) = invitations([ENTRY], organizer=SCHOOL, attendee=CalendarUser(name, "ana@example.org"), at=SENT_AT)
    (event,) = events(message)
    assert event["attendee"] == "mailto:ana@example.org"
    assert event["attendee"].params["CN"] == name.replace("\x07", "")


def test_a_person_without_a_name_is_called_by_their_address():
    """I3: CN is never empty."""
    (message,) = invitations([ENTRY], organizer=SCHOOL, attendee=CalendarUser("", "ana@example.org"), at=SENT_AT)
    assert events(message)[0]["attendee"].params["CN"] == "ana@example.org"
