"""Password sign-in, shared by API, pages and admin (rules U1, U2)."""

from django.contrib.auth import authenticate
from django.http import HttpRequest

from breathecode.authenticate.domain.client_address import client_address
from breathecode.authenticate.domain.sign_in_limits import count_attempt, forget_attempt
from breathecode.authenticate.errors import InvalidCredentials
from breathecode.authenticate.models import User


def verify_credentials(request: HttpRequest, *, email: str, password: str) -> User:
    """Raises `too-many-sign-ins`, and `invalid-credentials` whatever is wrong about them."""
    address = client_address(request)
    count_attempt(email=email, address=address)
    # Django hashes the password for an unknown address too, so both take the same time.
    user = authenticate(request, username=email, password=password)
    if not isinstance(user, User):
        raise InvalidCredentials
    forget_attempt(email=email, address=address)
    return user
