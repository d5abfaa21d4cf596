"""Links in mails that turn off one kind of mail for one person, and can do nothing else."""

import dataclasses

from django.conf import settings
from django.core import signing

from breathecode.authenticate.models import User


@dataclasses.dataclass(frozen=True, slots=True)
class UnsubscribeLink:
    """`path` is the page's, `salt` what keeps a key for one kind of mail from opening another's."""

    path: str
    salt: str

    def url(self, person: User) -> str:
        return f"{settings.PUBLIC_URL}{self.path}/{signing.dumps(person.pk, salt=self.salt)}"

    def headers(self, person: User) -> dict[str, str]:
        """RFC 2369 and 8058: the mail program's own button, with one click and no page."""
        return {"List-Unsubscribe": f"<{self.url(person)}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}

    def user_id(self, key: str) -> int | None:
        """Whom the key was made for; None for a key that is none, or of somebody who is gone."""
        try:
            user_id: int = signing.loads(key, salt=self.salt)
        except signing.BadSignature:
            return None
        return user_id if User.objects.filter(pk=user_id).exists() else None
