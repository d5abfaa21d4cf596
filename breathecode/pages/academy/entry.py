"""`/academy`: leads to the only academy of the reader, or asks which (rule V1)."""

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from breathecode.authenticate.domain.members import academies_of
from breathecode.pages import http


class AcademiesView(http.SignedInPage):
    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest) -> HttpResponse:
        academies = academies_of(self.user)
        if not academies:
            raise Http404
        if len(academies) == 1:
            return HttpResponseRedirect(reverse("board", args=[academies[0].slug]))
        return self.page("pages/academies.html", {"academies": academies, "here": "academies"})
