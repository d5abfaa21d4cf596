"""Authentication by token: one query for the token, its user and their role in the academy (rules H2, H4, U2)."""

import functools
from collections.abc import Callable
from typing import Any, ClassVar

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from breathecode.authenticate.errors import ExpiredToken, InvalidToken
from breathecode.authenticate.models import Academy, AcademyMember, Token, User
from breathecode.common.db.prepared import PreparedRows, attnames_of, instance_of
from breathecode.common.ids import parse_id


def academy_header(request: Any) -> int | None:
    """The number in the Academy header; None if the header is missing or not a number.

    Numbers beyond what the database can hold are read as 0, an id that no academy has.
    """
    raw = request.headers.get("Academy", "").strip()
    return (parse_id(raw) or 0) if raw.isascii() and raw.isdigit() else None


_TOKEN, _USER = attnames_of(Token), attnames_of(User)
_MEMBERSHIP = ["academy_role", "academy_pk"]


@functools.cache
def _tokens(kind: "type[TokenAuthentication]") -> PreparedRows:
    """By the key's digest and the academy's id: the token, its user, their membership, `extra_annotations`."""

    def build(key_hash: str, academy_id: Any) -> QuerySet[Token]:
        role = AcademyMember.objects.filter(academy_id=academy_id, user_id=OuterRef("user_id")).values("role")
        academy = Academy.objects.filter(pk=academy_id).values("pk")
        more = {name: make() for name, make in kind.extra_annotations.items()}
        tokens = Token.objects.filter(key_hash=key_hash, purpose__in=kind.purposes)
        return tokens.annotate(academy_role=Subquery(role[:1]), academy_pk=Subquery(academy[:1]), **more)

    user = (f"user__{name}" for name in _USER)
    return PreparedRows(Token, build, *_TOKEN, *user, *_MEMBERSHIP, *kind.extra_annotations, keeps_plan=True)


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <key>`. `request.auth` is the token, with the membership in the header's academy."""

    purposes: tuple[str, ...] = (Token.Purpose.SIGN_IN,)
    # Extra annotations of the token that the same query reads, by name.
    extra_annotations: ClassVar[dict[str, Callable[[], Any]]] = {}

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        key = self.get_key(request)
        if key is None:
            return None
        token = self.find(key_hash=Token.digest(key), academy_id=academy_header(request))
        if token is None or not token.user.is_active or not token.is_current:
            raise InvalidToken
        if token.expires_at and token.expires_at <= timezone.now():
            raise ExpiredToken
        return token.user, token

    def get_key(self, request: Request) -> str | None:
        scheme, _space, key = get_authorization_header(request).decode("latin-1").partition(" ")
        return key.strip() if scheme.lower() == "token" else None

    def find(self, *, key_hash: str, academy_id: int | None) -> Any:
        """The token with its user and the extra annotations; None if there is no such token."""
        kind: Any = type(self)  # a class is hashable, although the type checker disagrees
        rows = _tokens(kind).bind(key_hash, academy_id)[:1]
        if not rows:
            return None
        values = iter(rows[0])
        token: Any = instance_of(Token, _TOKEN, values)
        token.user = instance_of(User, _USER, values)
        for name in (*_MEMBERSHIP, *self.extra_annotations):
            setattr(token, name, next(values))
        return token

    def authenticate_header(self, request: Request) -> str:
        return "Token"
