"""Inviting students, and importing people from a file (rule U4)."""

from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_field
from rest_framework import serializers
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.admissions.api.fields import CohortReferenceField
from breathecode.admissions.api.filters import StudentFilter
from breathecode.admissions.api.serializers import SmallCohortSerializer
from breathecode.admissions.api.views import CohortMixin
from breathecode.admissions.domain import queries
from breathecode.admissions.domain.import_jobs import counts, import_or_start_job
from breathecode.admissions.domain.people import Student, invite_student, preview_import
from breathecode.admissions.domain.people_file import read_people
from breathecode.admissions.models import Cohort, CohortUser
from breathecode.authenticate.api.base import AcademyView, PeopleMixin
from breathecode.authenticate.api.serializers import AccountStateSerializer
from breathecode.authenticate.domain.invitations import invite_again
from breathecode.authenticate.errors import InvitationNotNeeded, InvitationTooSoon
from breathecode.authenticate.models import Academy, User
from breathecode.common.api.pagination import read_boolean
from breathecode.common.api.serializers import EmailAddressField, OneLineField, StrictSerializer
from breathecode.common.api.uploads import UploadMixin
from breathecode.common.api.views import by_id
from breathecode.common.csv_files import MAX_BYTES
from breathecode.common.errors import NotFound
from breathecode.jobs.api.jobs import JobStartedSerializer, job_answer
from breathecode.jobs.models import Job


class CohortField(CohortReferenceField):
    """A cohort by id or slug, answered with its name. Null means none."""

    def to_representation(self, value: Cohort) -> dict[str, Any]:
        return {"id": value.pk, "slug": value.slug, "name": value.name}


class StudentSerializer(StrictSerializer):
    """A student of the academy. `id` and `user_id` are the same, since a student may not be in a cohort yet."""

    id = serializers.IntegerField(source="user.pk", read_only=True)
    user_id = serializers.IntegerField(source="user.pk", read_only=True)
    email = EmailAddressField(source="user.email")
    first_name = OneLineField(source="user.first_name", max_length=150, required=False, allow_blank=True)
    last_name = OneLineField(source="user.last_name", max_length=150, required=False, allow_blank=True)
    cohort = CohortField(required=False, allow_null=True)
    invited = serializers.BooleanField(
        read_only=True,
        help_text=gettext_lazy(
            "Whether this request sends an invitation. Users who already have a password are not mailed."
        ),
    )


class MembershipSerializer(serializers.Serializer[Any]):
    cohort = SmallCohortSerializer()
    role = serializers.ChoiceField(choices=CohortUser.Role.choices)
    educational_status = serializers.ChoiceField(choices=CohortUser.EducationalStatus.choices)


class StudentDetailSerializer(AccountStateSerializer):
    """A student as the staff of an academy see them, with their cohorts in this academy."""

    id = serializers.IntegerField(source="pk")
    user_id = serializers.IntegerField(source="pk")
    email = serializers.CharField()
    first_name = serializers.CharField()
    last_name = serializers.CharField()
    cohorts = serializers.SerializerMethodField()

    @extend_schema_field(MembershipSerializer(many=True))
    def get_cohorts(self, user: User) -> Any:
        return MembershipSerializer(self.context["memberships"].get(user.pk, []), many=True).data


class StudentsMixin(PeopleMixin):
    def people_context(self, users: list[User]) -> dict[str, Any]:
        memberships = queries.memberships_by_user(users, academy_id=self.academy_id)
        return {**super().people_context(users), "memberships": memberships}


class StudentListView(StudentsMixin):
    capabilities = {"GET": "read_all_cohort", "POST": "crud_cohort"}
    serializer_class = StudentDetailSerializer
    filterset_class = StudentFilter
    lists = True
    summaries = {"GET": "List the academy's students.", "POST": "Invite a student, optionally into a cohort."}

    def get(self, request: Request) -> Response:
        return self.list_response(queries.students_of_academy(self.academy_id))

    @extend_schema(request=StudentSerializer, responses={200: StudentSerializer, 201: StudentSerializer})
    def post(self, request: Request) -> Response:
        """201 if the user is new to the academy or the cohort, 200 if not."""
        serializer = StudentSerializer(data=request.data, context=self.get_serializer_context())
        serializer.is_valid(raise_exception=True)
        fields = dict(serializer.validated_data)
        person = fields.pop("user")
        academy = Academy.objects.get(pk=self.academy_id)
        student: Student = invite_student(academy=academy, **person, **fields)
        return Response(StudentSerializer(student).data, status=201 if student.created else 200)


class StudentView(StudentsMixin):
    capabilities = {"GET": "read_all_cohort"}
    serializer_class = StudentDetailSerializer
    summaries = {"GET": "Retrieve a student by user id."}

    def get(self, request: Request, user_id: int) -> Response:
        return self.answer(by_id(queries.students_of_academy(self.academy_id), user_id))


class StudentInviteView(StudentsMixin):
    """Sends the invitation again if the user has no password yet, at most once in 10 minutes."""

    capabilities = {"PUT": "crud_cohort"}
    serializer_class = StudentDetailSerializer
    errors = {"PUT": (InvitationNotNeeded, InvitationTooSoon)}
    summaries = {"PUT": "Send a student's invitation again."}

    @extend_schema(request=None)
    def put(self, request: Request, user_id: int) -> Response:
        user: User = by_id(self.people(), user_id)
        invite_again(
            user,
            academy=Academy.objects.get(pk=self.academy_id),
            language=queries.language_of_newest_cohort(user, academy_id=self.academy_id),
        )
        return self.answer(user)

    def people(self) -> QuerySet[User]:
        return queries.students_of_academy(self.academy_id)


class MemberInviteView(StudentInviteView):
    capabilities = {"PUT": "crud_member"}
    summaries = {"PUT": "Send the invitation of a staff member, or of a user in a cohort, again, by user id."}

    def people(self) -> QuerySet[User]:
        return queries.people_of_academy(self.academy_id)


class ImportSerializer(StrictSerializer):
    file = serializers.FileField(allow_empty_file=True)
    dry_run = serializers.ChoiceField(choices=["true", "false"], required=False)


class ImportedRowSerializer(serializers.Serializer[Any]):
    line = serializers.IntegerField()
    email = serializers.CharField()
    role = serializers.CharField()
    user_id = serializers.IntegerField(allow_null=True)
    result = serializers.ChoiceField(choices=["created", "already_member"])
    invited = serializers.BooleanField()


class ImportResultSerializer(serializers.Serializer[Any]):
    dry_run = serializers.BooleanField()
    created = serializers.IntegerField(help_text=gettext_lazy("Rows whose user was given the role in the cohort."))
    invited = serializers.IntegerField(
        help_text=gettext_lazy("Rows whose user is invited. Users who already have a password are not mailed.")
    )
    already_members = serializers.IntegerField(help_text=gettext_lazy("Rows whose user already had the role."))
    rows = ImportedRowSerializer(many=True)


class PeopleImportView(UploadMixin, CohortMixin, AcademyView):
    """Imports all rows or none; of more than 1,000, by a job.

    If the file is invalid, the response lists every invalid row with its line.
    """

    capabilities = {"POST": "crud_cohort"}
    serializer_class = ImportSerializer
    summaries = {"POST": "Import the users of a cohort from a CSV file."}
    parser_classes = (MultiPartParser,)
    max_bytes = MAX_BYTES
    query_parameters = ("dry_run",)

    @extend_schema(
        parameters=[
            OpenApiParameter("dry_run", bool, description="true: return what would happen without saving anything.")
        ],
        responses={200: ImportResultSerializer, 201: ImportResultSerializer, 202: JobStartedSerializer},
    )
    def post(self, request: Request, cohort: str) -> Response:
        found = self.cohort()
        if found.stage == Cohort.Stage.DELETED:
            raise NotFound
        dry_run = read_boolean(request, "dry_run")
        fields = self.read_form()
        dry_run = dry_run or fields.get("dry_run") == "true"
        people = read_people(fields["file"].read(MAX_BYTES + 1))
        if dry_run:
            rows = preview_import(cohort=found, rows=people)
        else:
            user: Any = request.user
            imported = import_or_start_job(cohort=found, rows=people, by=user)
            if isinstance(imported, Job):
                return job_answer(imported)
            rows = imported
        result = {"dry_run": dry_run, **counts(rows), "rows": rows}
        return Response(ImportResultSerializer(result).data, status=200 if dry_run else 201)
