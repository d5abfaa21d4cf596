"""The cache of people's own class lists: fast where nothing changed, and never stale (rule O2).

An answer is kept under a fingerprint of all that decides it: the person, their parts in cohorts, each cohort's
`classes_version`, and the names of its academy and syllabus. The fingerprint is read from the database in the query
that authenticates the caller, so a committed write of any process makes the next read look under another key.
Nothing is ever invalidated; what is no longer asked for expires.
"""

import hashlib
import logging
import time
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db.models import CharField, OuterRef, Subquery, Value
from django.db.models.functions import MD5, Cast, Coalesce, Concat

from breathecode.admissions.models import CohortUser
from breathecode.common.expressions import JoinedText

logger = logging.getLogger(__name__)
SHAPE = 2  # raise it when the answer's shape changes: old and new servers may share a cache during an upgrade
# These rows know nothing of the cohorts that show them, and may be written in ways that no receiver hears of.
_SHOWN = [f"cohort__academy__{name}" for name in ("slug", "name", "logo_url")] + ["cohort__syllabus__slug"]


def agenda_of_token_owner() -> Subquery:
    """For a query of tokens: all that decides what the token's owner sees, as one text.

    That is their parts in cohorts, the cohorts' versions, and what the lists show and filter by of other rows.
    """
    part = Concat(
        Cast("cohort_id", CharField()),
        Value(":"),
        "role",
        Value(":"),
        "educational_status",
        Value(":"),
        Cast("cohort__classes_version", CharField()),
        Value(":"),
        MD5(Concat(*(Coalesce(path, Value("")) for path in _SHOWN), output_field=CharField())),
        output_field=CharField(),
    )
    parts = CohortUser.objects.filter(user_id=OuterRef("user_id")).order_by().values("user_id")
    return Subquery(parts.annotate(agenda=JoinedText(part)).values("agenda"))


class LiveClassCache:
    """Keeps rendered answers for `SECONDS`. A cache that fails is left alone for `PAUSE` seconds."""

    SECONDS = 600
    PAUSE = 10.0
    _paused_until = 0.0

    def key(self, *, user_id: int, agenda: str | None, address: str) -> str:
        parts = ",".join(sorted((agenda or "").split(",")))
        text = f"{SHAPE}|{settings.PUBLIC_URL}|{user_id}|{parts}|{address}"
        return f"live-classes:{hashlib.sha256(text.encode()).hexdigest()}"

    def get(self, key: str) -> Any:
        return self._ask(lambda: cache.get(key))

    def put(self, key: str, answer: Any) -> None:
        self._ask(lambda: cache.set(key, answer, self.SECONDS))

    def _ask(self, question: Any) -> Any:
        """None where the cache does not answer: then the database does."""
        if time.monotonic() < LiveClassCache._paused_until:
            return None
        try:
            return question()
        except Exception as error:  # noqa: BLE001  (cache backends raise errors of their own client libraries)
            LiveClassCache._paused_until = time.monotonic() + self.PAUSE
            logger.warning("the cache does not answer (%s); lists come from the database", type(error).__name__)
            return None
