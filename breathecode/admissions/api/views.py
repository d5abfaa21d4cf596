"""Academies, syllabi, cohorts and who is in them. Time slots, holidays and changes of one cohort: `events.api`."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api import serializers
from breathecode.admissions.api.filters import COHORT_FIELDS, AcademyCohortUserFilter, CohortFilter, CohortUserFilter
from breathecode.admissions.domain import cohorts as writing
from breathecode.admissions.domain import queries
from breathecode.admissions.domain.academies import change_academy, create_academy
from breathecode.admissions.domain.syllabi import add_version, create_syllabus
from breathecode.admissions.errors import AlreadyInCohort, RoleAmbiguous, SlugTaken
from breathecode.admissions.models import Cohort, CohortUser, Syllabus, SyllabusVersion
from breathecode.authenticate.api.base import AcademyView, PersonalView
from breathecode.authenticate.api.permissions import Superuser
from breathecode.authenticate.domain.people import users_of_academy
from breathecode.authenticate.errors import SuperuserRequired
from breathecode.authenticate.models import Academy, AcademyMember, User
from breathecode.authenticate.roles import CAPABILITIES, capabilities_of
from breathecode.common.api.filters import sorting
from breathecode.common.api.views import by_id_or_slug
from breathecode.common.errors import InvalidParameter
from breathecode.common.models import lock


class AcademyListView(PersonalView):
    permission_classes = (Superuser,)
    serializer_class = serializers.AcademySerializer
    errors = {"POST": (SuperuserRequired, SlugTaken)}
    summaries = {"POST": "Create an academy."}

    @extend_schema(responses={201: serializers.AcademySerializer})
    def post(self, request: Request) -> Response:
        return self.answer(create_academy(**self.read()), status=201)


class MyAcademyView(AcademyView):
    capabilities = {"GET": "", "PUT": "crud_my_academy"}
    serializer_class = serializers.MyAcademySerializer
    summaries = {"GET": "Retrieve the academy that the Academy header selects.", "PUT": "Update the academy."}

    def get_object(self) -> Academy:
        return Academy.objects.get(pk=self.academy_id)

    def get(self, request: Request) -> Response:
        return self.answer(self.get_object())

    def put(self, request: Request) -> Response:
        academy = self.get_object()
        return self.answer(change_academy(academy, fields=self.read(academy)))


class SyllabusListView(AcademyView):
    capabilities = {"GET": "", "POST": "crud_cohort"}
    serializer_class = serializers.SyllabusSerializer
    filterset_class = sorting(Syllabus, "id", "slug", "name")
    lists = True
    errors = {"POST": (SlugTaken,)}
    summaries = {"GET": "List the academy's syllabi.", "POST": "Create a syllabus."}

    def get(self, request: Request) -> Response:
        return self.list_response(queries.syllabi_of_academy(self.academy_id))

    @extend_schema(responses={201: serializers.SyllabusSerializer})
    def post(self, request: Request) -> Response:
        return self.answer(create_syllabus(academy_id=self.academy_id, **self.read()), status=201)


class SyllabusView(AcademyView):
    capabilities = {"GET": ""}
    serializer_class = serializers.SyllabusSerializer
    summaries = {"GET": "Retrieve a syllabus by slug or id."}

    def get(self, request: Request, syllabus: str) -> Response:
        return self.answer(by_id_or_slug(queries.syllabi_of_academy(self.academy_id), syllabus))


class SyllabusVersionListView(AcademyView):
    capabilities = {"GET": "", "POST": "crud_cohort"}
    serializer_class = serializers.SyllabusVersionSerializer
    filterset_class = sorting(SyllabusVersion, "id", "version", "status", "created_at", "updated_at")
    lists = True
    summaries = {"GET": "List the versions of a syllabus.", "POST": "Add a version to a syllabus."}

    def syllabus(self) -> Any:
        return by_id_or_slug(queries.syllabi_of_academy(self.academy_id), self.kwargs["syllabus"])

    def get(self, request: Request, syllabus: str) -> Response:
        return self.list_response(self.syllabus().versions.order_by("-version"))

    @extend_schema(responses={201: serializers.SyllabusVersionSerializer})
    def post(self, request: Request, syllabus: str) -> Response:
        return self.answer(add_version(syllabus=self.syllabus(), **self.read()), status=201)


class CohortListView(AcademyView):
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    serializer_class = serializers.CohortSerializer
    errors = {"POST": (SlugTaken,)}
    summaries = {"GET": "List the academy's cohorts.", "POST": "Create a cohort."}
    filterset_class = CohortFilter
    lists = True

    def get(self, request: Request) -> Response:
        # Here and not in the filters: these are skipped where a request names none.
        if "stage" in request.query_params:
            return self.list_response(queries.cohorts_of_academy(self.academy_id))
        return self.list_response(queries.cohorts_not_deleted(self.academy_id))

    @extend_schema(responses={201: serializers.OneCohortSerializer})
    def post(self, request: Request) -> Response:
        cohort = Cohort(academy=Academy.objects.get(pk=self.academy_id))
        saved = writing.save_cohort(cohort, fields=self.read())
        return Response(serializers.OneCohortSerializer(saved).data, status=201)


class CohortMixin:
    """The cohort that the address names, within the academy of the header. Raises `not-found`."""

    academy_id: int
    kwargs: dict[str, Any]

    def cohort(self) -> Cohort:
        found: Cohort = by_id_or_slug(queries.cohorts_of_academy(self.academy_id), self.kwargs["cohort"])
        return found

    def locked_cohort(self) -> Cohort:
        """The same, held until the transaction ends: no other write comes between a check and what it allows."""
        lock(Cohort, self.cohort().pk)
        return self.cohort()


class CohortUserListView(CohortMixin, AcademyView):
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    serializer_class = serializers.CohortUserSerializer
    filterset_class = CohortUserFilter
    lists = True
    errors = {"POST": (AlreadyInCohort,)}
    summaries = {"GET": "List the users of a cohort.", "POST": "Add a user to a cohort."}

    @extend_schema(responses=serializers.CohortMembershipSerializer(many=True))
    def get(self, request: Request, cohort: str) -> Response:
        return self.list_response(queries.members_of_cohort(self.cohort()))

    @extend_schema(responses={201: serializers.CohortMembershipSerializer})
    def post(self, request: Request, cohort: str) -> Response:
        found, fields = self.cohort(), self.read()
        # A superuser has a part in every academy (rule R5), and so everybody has one in theirs.
        within = User.objects.all() if request.user.is_superuser else users_of_academy(self.academy_id)
        person = writing.find_user(fields.pop("user"), within=within)
        return self.answer(writing.add_to_cohort(cohort=found, user=person, **fields), status=201)


class AcademyCohortUserListView(AcademyView):
    capabilities = {"GET": "read_all_cohort"}
    serializer_class = serializers.AcademyCohortUserSerializer
    filterset_class = AcademyCohortUserFilter
    lists = True
    summaries = {"GET": "List the users of all the academy's cohorts, one row per role and cohort."}

    @extend_schema(operation_id="admissions_academy_cohort_user_list_all")
    def get(self, request: Request) -> Response:
        return self.list_response(queries.members_of_cohorts(self.academy_id))


ROLE_PARAMETER = OpenApiParameter(
    "role", str, enum=CohortUser.Role.values, description="The role to select if the user has several in this cohort."
)


class CohortUserView(CohortMixin, AcademyView):
    capabilities = {"GET": "read_all_cohort", "PUT": "crud_cohort", "DELETE": "crud_cohort"}
    serializer_class = serializers.CohortMembershipSerializer
    query_parameters = ("role",)
    errors = {"GET": (RoleAmbiguous,), "PUT": (AlreadyInCohort, RoleAmbiguous), "DELETE": (RoleAmbiguous,)}
    summaries = {
        "GET": "Retrieve a user's enrolment in a cohort.",
        "PUT": "Update a user's enrolment in a cohort.",
        "DELETE": "Remove a user from a cohort.",
    }

    def part(self) -> CohortUser:
        role = self.request.query_params.get("role")
        if role is not None and role not in CohortUser.Role.values:
            expected = ", ".join(CohortUser.Role.values)
            raise InvalidParameter(name="role", reason=_("expected one of: {0}.").format(expected))
        return writing.get_membership(cohort=self.cohort(), user_id=self.kwargs["user_id"], role=role)

    @extend_schema(parameters=[ROLE_PARAMETER])
    def get(self, request: Request, cohort: str, user_id: int) -> Response:
        return self.answer(self.part())

    @extend_schema(parameters=[ROLE_PARAMETER])
    @transaction.atomic
    def put(self, request: Request, cohort: str, user_id: int) -> Response:
        lock(CohortUser, self.part().pk)
        part = self.part()
        return self.answer(writing.update_membership(part, fields=self.read(part)))

    @extend_schema(parameters=[ROLE_PARAMETER])
    @transaction.atomic
    def delete(self, request: Request, cohort: str, user_id: int) -> Response:
        lock(CohortUser, self.part().pk)
        part = self.part()
        self.log_removal(part)
        writing.remove_from_cohort(part)
        return Response(status=204)


class MyCohortListView(PersonalView):
    serializer_class = serializers.MyCohortSerializer
    filterset_class = sorting(Cohort, *COHORT_FIELDS, syllabus="syllabus__slug")
    lists = True
    summaries = {"GET": "List the caller's cohorts."}

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "parts": queries.memberships_by_cohort(self.request.user)}  # type: ignore[arg-type]

    def get(self, request: Request) -> Response:
        return self.list_response(queries.cohorts_of_user(request.user))  # type: ignore[arg-type]


class MeView(PersonalView):
    """The caller with their academies and cohorts (rule U1)."""

    serializer_class = serializers.MeSerializer
    summaries = {"GET": "Retrieve the caller with their academies and cohorts."}

    def get(self, request: Request) -> Response:
        user: Any = request.user
        memberships = AcademyMember.objects.filter(user_id=user.pk).select_related("academy").order_by("id")
        academies = [
            {
                "id": member.academy_id,
                "slug": member.academy.slug,
                "name": member.academy.name,
                "timezone": member.academy.timezone,
                "role": member.role,
                "capabilities": sorted(CAPABILITIES if user.is_superuser else capabilities_of(member.role)),
            }
            for member in memberships
        ]
        context = {**self.get_serializer_context(), "parts": queries.memberships_by_cohort(user)}
        mine = serializers.MyCohortSerializer(queries.cohorts_of_user(user), many=True, context=context)
        person = serializers.MeSerializer(user).data
        return Response({**person, "academies": academies, "cohorts": mine.data})
