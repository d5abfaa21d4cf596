"""Who calls, and for which academy: one query for token, person and role (rules H2, H4, U2)."""

from typing import Any

from django.db.models import OuterRef, QuerySet, Subquery
from django.utils import timezone
from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.request import Request

from breathecode.authenticate.errors import ExpiredToken, InvalidToken
from breathecode.authenticate.models import Academy, AcademyMember, Token, User


def academy_header(request: Any) -> int | None:
    """The number in the Academy header; None where there is none or it is no number.

    0, which no academy has, stands for every number beyond what the database can hold.
    """
    raw = request.headers.get("Academy", "").strip()
    if not (raw.isascii() and raw.isdigit()):
        return None
    return int(raw) if len(raw) < 19 else 0


class TokenAuthentication(BaseAuthentication):
    """`Authorization: Token <key>`. `request.auth` is the token, with the caller's standing at the header's academy."""

    purposes: tuple[str, ...] = (Token.Purpose.SIGN_IN,)

    def authenticate(self, request: Request) -> tuple[User, Token] | None:
        key = self.get_key(request)
        if key is None:
            return None
        token = self.get_queryset(request).filter(key_hash=Token.digest(key), purpose__in=self.purposes).first()
        if token is None or not token.user.is_active:
            raise InvalidToken
        if token.expires_at and token.expires_at <= timezone.now():
            raise ExpiredToken
        return token.user, token

    def get_key(self, request: Request) -> str | None:
        scheme, _space, key = get_authorization_header(request).decode("latin-1").partition(" ")
        return key.strip() if scheme.lower() == "token" else None

    def get_queryset(self, request: Request) -> QuerySet[Token]:
        academy_id = academy_header(request)
        tokens = Token.objects.select_related("user")
        if academy_id is None:
            return tokens
        role = AcademyMember.objects.filter(academy_id=academy_id, user_id=OuterRef("user_id")).values("role")
        academy = Academy.objects.filter(pk=academy_id).values("pk")
        return tokens.annotate(academy_role=Subquery(role[:1]), academy_pk=Subquery(academy[:1]))

    def authenticate_header(self, request: Request) -> str:
        return "Token"
