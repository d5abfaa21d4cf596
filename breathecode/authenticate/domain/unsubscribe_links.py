"""Signed links in mails that turn off one kind of mail for one user."""

import dataclasses

from django.conf import settings
from django.core import signing

from breathecode.authenticate.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class UnsubscribeLink:
    """`path` is the page's, `salt` what keeps a key for one kind of mail from opening another's."""

    path: str
    salt: str

    def url(self, user: User) -> str:
        return f"{settings.PUBLIC_URL}{self.path}/{signing.dumps(user.pk, salt=self.salt)}"

    def headers(self, user: User) -> dict[str, str]:
        """RFC 2369 and 8058: the mail program's own button, with one click and no page."""
        return {"List-Unsubscribe": f"<{self.url(user)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    def user_id(self, key: str) -> int | None:
        """The id of the user whom the key was made for; None if the key is invalid."""
        try:
            user_id: int = signing.loads(key, salt=self.salt)
        except signing.BadSignature:
            return None
        return user_id if User.objects.filter(pk=user_id).exists() else None
