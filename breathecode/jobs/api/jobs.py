"""`admissions/academy/job/{id}`, and the answer of routes that start a job (rule P10)."""

from typing import Any

from django.urls import path, reverse
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from breathecode.authenticate.api.base import AcademyView
from breathecode.common.api.views import by_id
from breathecode.jobs.domain.queries import jobs_of_academy
from breathecode.jobs.models import Job


class JobSerializer(serializers.ModelSerializer[Job]):
    error = serializers.SerializerMethodField(help_text=_("Why the job failed; null unless its state is FAILED."))
    result = serializers.DictField(read_only=True, help_text=_("Ids and numbers that depend on the kind of job."))

    class Meta:
        model = Job
        fields = ["id", "kind", "state", "done", "total", "error", "result", "created_at", "finished_at"]

    def get_error(self, job: Job) -> str | None:
        return job.error or None


class JobStartedSerializer(serializers.Serializer[Any]):
    job = serializers.IntegerField(help_text=_("The id of the job that carries the request out."))


class JobView(AcademyView):
    capabilities = {"GET": "read_all_cohort"}
    serializer_class = JobSerializer
    summaries = {"GET": "Retrieve a job: how far it is, and its result."}

    def get(self, request: Request, job_id: int) -> Response:
        return self.answer(by_id(jobs_of_academy(self.academy_id), job_id))


def job_answer(job: Job) -> Response:
    """202 with the job's id, and its address in `Location`."""
    return Response({"job": job.pk}, status=202, headers={"Location": reverse("job", args=[job.pk])})


urlpatterns = [path("academy/job/<id:job_id>", JobView.as_view(), name="job")]
