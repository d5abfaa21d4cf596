from django.core.management.base import CommandError

from breathecode.authenticate.models import User


def person_named(email: str) -> User:
    """The user of this e-mail address. Raises CommandError where there is none."""
    try:
        return User.objects.get_by_natural_key(email)
    except User.DoesNotExist:
        raise CommandError(f"No user has the e-mail address {email}.") from None
