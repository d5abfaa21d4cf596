"""The cache of people's own class lists: fast where nothing changed, and never stale (rule O2).

An answer is kept with a fingerprint of all that decides it: the person, their parts in cohorts, each cohort's
`classes_version`, and the names of its academy and syllabus. The fingerprint is read from the database in the query
that authenticates the caller, and an answer that was kept with another one is not shown: after a committed write of
any process the next read builds a new answer. It takes the place of the older one, so the cache holds one answer
a list, and at most `LISTS_PER_USER` a person, however many addresses they read and however often classes change.
A slow reader may put an older answer over a newer one; its fingerprint is older too, so it is never returned.
"""

import hashlib
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, OuterRef, Subquery, TextField, Value
from django.db.models.functions import MD5, Cast, Coalesce

from breathecode.admissions.models import CohortUser
from breathecode.common.cache_outages import ask_cache
from breathecode.common.db.expressions import FlatConcat, JoinedText
from breathecode.events.models import LiveClass

SHAPE = 6  # raise it when the answer's shape changes: old and new servers may share a cache during an upgrade
LISTS_PER_USER = 64
# These rows know nothing of the cohorts that show them, and may be written in ways that no receiver hears of.
_SHOWN = [f"cohort__academy__{name}" for name in ("slug", "name", "logo_url")] + ["cohort__syllabus__slug"]


def list_fingerprint_of_token_owner() -> FlatConcat:
    """For a query of tokens: all that decides what the token's owner sees, as one text.

    That is their parts in cohorts, the cohorts' versions, and what the lists show and filter by of other rows.
    """
    part = FlatConcat(
        Cast("cohort_id", CharField()),
        Value(":"),
        "role",
        Value(":"),
        "educational_status",
        Value(":"),
        Cast("cohort__classes_version", CharField()),
        Value(":"),
        _shown(),
    )
    parts = CohortUser.objects.filter(user_id=OuterRef("user_id")).order_by().values("user_id")
    of_cohorts = Subquery(parts.annotate(list_fingerprint=JoinedText(part)).values("list_fingerprint"))
    return FlatConcat(
        Coalesce(of_cohorts, Value(""), output_field=TextField()),
        Value(","),
        Coalesce(_fingerprint_of_substitute(), Value(""), output_field=TextField()),
    )


def _shown() -> MD5:
    return MD5(FlatConcat(*(Coalesce(path, Value("")) for path in _SHOWN)))


def _fingerprint_of_substitute() -> Subquery:
    """The versions of the cohorts of the classes that the token's owner teaches as a substitute (rule P4)."""
    part = FlatConcat(
        Cast("id", CharField()),
        Value(":"),
        Cast("cohort__classes_version", CharField()),
        Value(":"),
        _shown(),
    )
    classes = LiveClass.objects.filter(teacher_id=OuterRef("user_id")).order_by().values("teacher_id")
    return Subquery(classes.annotate(list_fingerprint=JoinedText(part)).values("list_fingerprint"))


class LiveClassCache:
    """Keeps rendered answers for `SECONDS`. Where the cache fails, answers come from the database."""

    SECONDS = 600

    def key(self, *, user_id: int, address: str) -> str:
        """One of the person's places. Two addresses may share one: then each puts its answer over the other's."""
        place = int.from_bytes(hashlib.sha256(address.encode()).digest()[:8]) % LISTS_PER_USER
        return f"live-classes:{SHAPE}:{user_id}:{place}"

    def fingerprint(self, *, user_id: int, list_fingerprint: str | None, address: str) -> str:
        """Of all that decides an answer, as a hexadecimal digest."""
        parts = ",".join(sorted((list_fingerprint or "").split(",")))
        text = f"{SHAPE}|{settings.PUBLIC_URL}|{user_id}|{parts}|{address}"
        return hashlib.sha256(text.encode()).hexdigest()

    def get(self, key: str, fingerprint: str) -> Any:
        """The answer kept with this fingerprint; None where there is none, or one with another."""
        kept = ask_cache(lambda: cache.get(key))
        return kept[1] if kept is not None and kept[0] == fingerprint else None

    def put(self, key: str, fingerprint: str, answer: Any) -> None:
        """In the place of whatever was kept under the key."""
        ask_cache(lambda: cache.set(key, (fingerprint, answer), self.SECONDS))
