"""Input that is wrong, odd or hostile, for the tests of garbage."""

from typing import Any

# Values that some field takes.
WORDS = [
    "web-dev",
    "STARTED",
    "STUDENT",
    "admin",
    "2025-01-01",
    "2025-01-01T00:00:00Z",
    "Europe/Madrid",
    "MO",
    "a@b.org",
]
NASTY = ["", " ", "\x00", "x" * 10_000, "'; DROP TABLE x; --", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59-23:59"]
NUMBERS = [0, -1, 1400, 2**31, 2**63 - 1, 2**63, 2**64, 10**400, 1e308, 5e-324]
# Values of a field of a JSON body.
VALUES: list[Any] = [
    None, True, False, 0, -1, 2**31, 2**63, 10**18, 1e308, 0.1, "", " ", "\0", "a\0b", "x" * 10_000,
    "é" * 10_000, "\u202e\u2066", "\U0001f3f3\ufe0f\u200d", "'; DROP TABLE x; --", "{{7*7}}", "%s%n", "../..",
    "0000-00-00", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2025-02-30", "2025-10-28T25:00:00Z", "1e999", "NaN", "Infinity",
    "javascript:alert(1)", "http://", "https://[::1", "https://ex ample.org", "file:///etc/passwd",
    [], [[]], {}, {"a": {"b": []}}, [None], ["x"] * 1000,
]  # fmt: skip
# Whole bodies, and what they say they are.
DEEP = b"[" * 100_000 + b"]" * 100_000
RAW = [
    b"", b" ", b"\0", b"{", b"}", b"null", b"[]", b'"x"', b"1", b"{}}", b"{'a': 1}", b"\xff\xfe\x00", b"\xef\xbb\xbf{}",
    b'{"title": "\\ud800"}', b'{"title": "\\udc00\\ud800"}', b'{"title": "\xed\xa0\x80"}', b'{"starting_at": NaN}',
    b'{"starting_at": Infinity}', b'{"starting_at": -Infinity}', b'{"cohort_time_slot": 1e999}',
    b'{"cohort_time_slot": ' + b"9" * 5000 + b"}", b'{"title": "a", "title": "b"}', b'{"log": {"a": 1, "a": 2}}',
    b'{"log": ' + DEEP + b"}", DEEP, b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    b'{"title": "' + b"x" * 3_000_000 + b'"}',
]  # fmt: skip
TYPES = [
    *("application/json", "application/json; charset=utf-16", "application/json; charset=nope", "text/plain"),
    *("application/x-www-form-urlencoded", "multipart/form-data", "multipart/form-data; boundary=x", "", "x", "/", ";"),
    *("application/xml", "application/json\x0b", "application/json; boundary=\xff"),
]
# Query strings, and values of a parameter.
TAILS = [
    "?a=%00",
    "?limit=%ff",
    "?like=%ed%a0%80",
    "?like=" + "x" * 10_000,
    "?offset=" + "9" * 30,
    "?stage=%00&stage=1",
    "?syllabus=" + ",".join(["9" * 18] * 50),
    "?" + "&".join(f"p{number}=1" for number in range(50)),
    "?limit=1e999",
    "?envelope=\u2028",
    "?upcoming=' OR 1=1 --",
]
QUERY_VALUES = (
    *("", "%00", "a%00b", "x" * 10_000, "%ff%fe", "%ed%a0%80", "%F0%9F%8F%B3", "%2e%2e/", "'%20OR%201=1--", "[]", "{}"),
    *(
        "0001-01-01",
        "9999-12-31",
        "0001-01-01T00:00:00%2B14:00",
        "9999-12-31T23:59:59-14:00",
        "0000-01-01",
        "10000-01-01",
    ),
    *("1e999", "NaN", "inf", "-1", "9" * 400, "٣", "²", "null", "true", ",", ",,,", "1,2,%00", "-" * 200, "=", "%"),
)
# In the place of an id or a slug of an address.
PIECES = [
    *(
        "%00",
        "a%00b",
        "%ff",
        "%ed%a0%80",
        "%0a",
        "%0d%0aX:1",
        "..%2f",
        "..%2f..",
        "'%20OR%201=1",
        "x" * 5000,
        "x" * 10_000,
    ),
    *("0", "-1", "1.5", "9" * 19, "9" * 400, "9" * 5000, "\u0663", "\u00b2", "\u00e9"),
]
# Headers.
AUTHORIZATIONS = [
    *("\x80\xff", "Token", "Token ", "Token a b", "Bearer x", "Token \x00", "Token " + "x" * 10_000, "token ñ"),
]
ACADEMIES = ["0", "-1", "1.0", "9" * 19, "9" * 400, "٣", "²", "1,1", "0x1", "\x00", "\xff", "1 1", "+1"]
ACCEPTS = ["", "x", "*/*;q=", "text/html", "application/json;q=0", "\xff", "a" * 10_000, "application/xml"]
