"""`/academy/<slug>/jobs`: work that outlasts a request, how far it is, and what was done (rules V1 to V6, P10)."""

from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse

from breathecode.jobs.domain.queries import jobs_of_academy
from breathecode.jobs.models import Job
from breathecode.pages import http
from breathecode.pages.academy.jobs.words import in_words

PAGE_SIZE = 50


class JobListView(http.AcademyPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        jobs = jobs_of_academy(self.academy.pk).select_related("created_by")
        page = Paginator(jobs, PAGE_SIZE).get_page(request.GET.get("page"))
        rows = in_words(page.object_list, academy=self.academy)
        return self.page("pages/academy/jobs/list.html", {"page": page, "rows": rows})


class JobView(http.AcademyPage):
    """One job. While it is unfinished, its fragment asks for itself again every two seconds."""

    http_method_names = ["get", "head"]
    job: Job

    def find(self, **kwargs: Any) -> None:
        jobs = jobs_of_academy(self.academy.pk).select_related("created_by")
        found = jobs.filter(pk=kwargs["job_id"]).first()
        if found is None:
            raise Http404
        self.job = found

    def get(self, request: http.HtmxRequest, **kwargs: Any) -> HttpResponse:
        [row] = in_words([self.job], academy=self.academy)
        template = "pages/academy/jobs/job.html"
        return self.page(f"{template}#progress" if request.htmx else template, {"row": row})
