"""The API as its clients use it: a token in a header, JSON in, JSON out."""

from typing import Any

from django.test import TestCase
from rest_framework.test import APIClient

from breathecode.authenticate.domain.tokens import sign_in
from breathecode.authenticate.models import Academy, User


class Call:
    """`call("GET", "/v1/…", as_=person)`; what is queued on commit runs before the call returns."""

    def __init__(self) -> None:
        self.client = APIClient(raise_request_exception=False)
        self.keys: dict[int, str] = {}

    def key(self, person: User) -> str:
        if person.pk not in self.keys:
            self.keys[person.pk] = sign_in(user=person)[0]
        return self.keys[person.pk]

    def headers(self, as_: User | None, academy: Academy | int | str | None) -> dict[str, str]:
        headers = {"Authorization": f"Token {self.key(as_)}"} if as_ else {}
        if academy is not None:
            headers["Academy"] = str(academy.pk if isinstance(academy, Academy) else academy)
        return headers

    def __call__(
        self,
        method: str,
        url: str,
        *,
        as_: User | None = None,
        academy: Academy | int | str | None = None,
        body: Any = None,
        **extra: Any,
    ) -> Any:
        headers = {**self.headers(as_, academy), **extra.pop("headers", {})}
        if body is not None:
            extra |= {"data": body, "format": "json"}
        with TestCase.captureOnCommitCallbacks(execute=True):
            return getattr(self.client, method.lower())(url, headers=headers, **extra)

    def raw(self, method: str, url: str, content: Any, content_type: str, **who: Any) -> Any:
        """Sends these bytes as they are."""
        headers = self.headers(who.get("as_"), who.get("academy"))
        with TestCase.captureOnCommitCallbacks(execute=True):
            return self.client.generic(method, url, content, content_type=content_type, headers=headers)


def error(response: Any) -> tuple[int, str]:
    """Status and slug of an error answer; fails where the body is not in the one error shape (rule H3)."""
    body = response.json()
    assert set(body) in ({"detail", "slug"}, {"detail", "slug", "errors"}), body
    assert isinstance(body["detail"], str)
    assert body["detail"]
    return response.status_code, body["slug"]
