"""`/academy/<slug>/people`: everybody of the academy, and who has not accepted (rules V1 to V6, U7, N4)."""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.admissions.domain.queries import cohorts_not_deleted, people_of_academy
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.api.filters import AccountStatusFilter, UserLikeFilter
from breathecode.authenticate.domain.mail_states import failed_mails_to
from breathecode.authenticate.models import Academy, User
from breathecode.jobs.domain.queries import jobs_of_academy
from breathecode.jobs.models import Job
from breathecode.pages import http
from breathecode.pages.academy.jobs.words import in_words as jobs_in_words
from breathecode.pages.academy.people.words import COHORT_ROLES, STAFF_ROLES, in_words
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50
MAX_COHORTS = 300  # offered to choose from
_STAFF = "staff-"
_ACCOUNTS = [
    ("", gettext_lazy("Everyone")),
    ("waiting", gettext_lazy("Not accepted yet")),
    ("accepted", gettext_lazy("With a password")),
    ("failed", gettext_lazy("A mail has failed")),
]


def cohort_choices(academy: Academy, first: Any, *, chosen: Any = "") -> list[tuple[str, Any]]:
    """The newest cohorts by slug, and the `chosen` one of the academy, however old; one query, or two."""
    cohorts = cohorts_not_deleted(academy.pk).select_related(None).only("slug", "name")
    choices = [("", first), *((cohort.slug, cohort.name) for cohort in cohorts[:MAX_COHORTS])]
    named = str(chosen or "")
    if named in dict(choices) or not (named.isascii() and named.isprintable()):
        return choices
    return [*choices, *((cohort.slug, cohort.name) for cohort in cohorts.filter(slug=named))]


class FilterForm(PageForm):
    search = forms.CharField(label=gettext_lazy("Name or e-mail"), required=False, max_length=150)
    role = forms.ChoiceField(label=gettext_lazy("Role"), required=False)
    cohort = forms.ChoiceField(label=gettext_lazy("Cohort"), required=False)
    account = forms.ChoiceField(label=gettext_lazy("Invitation"), choices=_ACCOUNTS, required=False)

    def __init__(self, *args: Any, academy: Academy, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        fields: dict[str, Any] = self.fields
        staff = [("staff", _("All staff")), *((_STAFF + role, label) for role, label in STAFF_ROLES.items())]
        in_cohorts = [(role.lower(), label) for role, label in COHORT_ROLES.items()]
        fields["role"].choices = [("", _("All roles")), (_("Staff"), staff), (_("Cohorts"), in_cohorts)]
        fields["cohort"].choices = cohort_choices(academy, _("All cohorts"), chosen=self["cohort"].value())


def chosen_people(academy: Academy, chosen: dict[str, str]) -> QuerySet[User]:
    """Those of the academy who fit what was chosen in `FilterForm`, by name."""
    people = UserLikeFilter().filter(people_of_academy(academy.pk), chosen.get("search"))
    people = _by_role(people, academy, role=chosen.get("role", ""), cohort=chosen.get("cohort", ""))
    people = by_account(people, chosen.get("account", ""))
    return people.order_by("first_name", "last_name", "email")


def _by_role(people: QuerySet[User], academy: Academy, *, role: str, cohort: str) -> QuerySet[User]:
    parts = CohortUser.objects.filter(cohort__academy=academy).exclude(cohort__stage=Cohort.Stage.DELETED)
    if cohort:
        parts = parts.filter(cohort__slug=cohort)
    if role == "staff":
        people = people.filter(memberships__academy=academy)
    elif role.startswith(_STAFF):
        people = people.filter(memberships__academy=academy, memberships__role=role.removeprefix(_STAFF))
    elif role:
        parts = parts.filter(role=role.upper())
    if cohort or (role and not role.startswith("staff")):
        people = people.filter(pk__in=parts.values("user_id"))
    return people


def by_account(people: QuerySet[User], account: str) -> QuerySet[User]:
    """`waiting`, `accepted` or `failed`; "" is everyone."""
    if account == "failed":
        return people.filter(Exists(failed_mails_to(OuterRef("email"))))
    status = {"waiting": ["INVITED"], "accepted": ["ACTIVE"]}.get(account)
    return AccountStatusFilter().filter(people, status)


class PeopleView(http.AcademyPage):
    http_method_names = ["get", "head"]
    capability = "read_member"
    section = "people"

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        form = FilterForm(request.GET, academy=self.academy)
        chosen = {name: value for name, value in form.cleaned_data.items() if value} if form.is_valid() else {}
        page = Paginator(chosen_people(self.academy, chosen), PAGE_SIZE).get_page(request.GET.get("page"))
        running = jobs_of_academy(self.academy.pk).filter(state__in=Job.UNFINISHED)[:3]
        context = {
            "form": form,
            "page": page,
            "people": in_words(list(page), academy_id=self.academy.pk),
            "query": urlencode(chosen),
            "chosen": chosen,
            "jobs": jobs_in_words(running, academy=self.academy),
            "may_write": self.write_capability in self.capabilities,
        }
        return self.page("pages/academy/people/list.html", context)
