"""Query parameters of the lists of members and students (rules U7, R3)."""

from typing import Any

import django_filters
from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from breathecode.authenticate.models import AcademyMember
from breathecode.authenticate.roles import ROLE_CHOICES
from breathecode.common.api.filters import ChoiceListFilter, FilterSet, sort_filter

ACCOUNT_STATUSES = [("INVITED", _("no password yet")), ("ACTIVE", _("has a password"))]


class UserLikeFilter(django_filters.CharFilter):
    """Every word is part of the e-mail address, the first or the last name. `field_name` leads to the user."""

    def __init__(self, field_name: str = "", **kwargs: Any) -> None:
        super().__init__(
            field_name=field_name, max_length=150, help_text=_("Matches parts of the name or e-mail address."), **kwargs
        )

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        path = f"{self.field_name}__" if self.field_name else ""
        for word in str(value or "").split()[:10]:
            names = (f"{path}{name}__icontains" for name in ("email", "first_name", "last_name"))
            matches = Q()
            for name in names:
                matches |= Q(**{name: word})
            qs = qs.filter(matches)
        return qs


class AccountStatusFilter(ChoiceListFilter):
    """INVITED: without a password; ACTIVE: with one. `field_name` leads to the user."""

    def __init__(self, field_name: str = "", **kwargs: Any) -> None:
        super().__init__(
            field_name=field_name,
            choices=ACCOUNT_STATUSES,
            help_text=_("INVITED: no password yet. ACTIVE: has a password."),
            **kwargs,
        )

    def filter(self, qs: QuerySet[Any], value: Any) -> QuerySet[Any]:
        if len(set(value or ())) != 1:
            return qs
        path = f"{self.field_name}__" if self.field_name else ""
        without = Q(**{f"{path}password__startswith": UNUSABLE_PASSWORD_PREFIX})
        return qs.filter(without if value[0] == "INVITED" else ~without)


class MemberFilter(FilterSet):
    like = UserLikeFilter("user")
    role = ChoiceListFilter(choices=ROLE_CHOICES, help_text=_("A role, or a comma-separated list of roles."))
    status = AccountStatusFilter("user")
    sort = sort_filter(
        *("id", "user_id", "role"), **{name: f"user__{name}" for name in ("email", "first_name", "last_name")}
    )

    class Meta:
        model = AcademyMember
        fields: list[str] = []
