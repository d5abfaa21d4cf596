"""The join links: countdown, redirect, or a page that says what is wrong (rules J1 to J7)."""

from zoneinfo import ZoneInfo

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt

from breathecode.authenticate.api.authentication import academy_header
from breathecode.authenticate.errors import InvalidAcademyHeader, Unauthenticated
from breathecode.authenticate.models import User
from breathecode.common.errors import ApiError
from breathecode.common.request_rates import JOINS
from breathecode.events.domain import joining
from breathecode.events.domain.joining import Visit
from breathecode.events.domain.lists.rows import links_of_class
from breathecode.events.domain.staffing.substitutes import users_who_teach
from breathecode.events.models import LiveClass
from breathecode.events.tasks import request_start
from breathecode.pages import http
from breathecode.pages.times import in_zone, iso_utc


@method_decorator(csrf_exempt, name="dispatch")  # POST is refused with 405, not with a CSRF error
class JoinView(http.Page):
    """`events/me/event/liveclass/join/{hash}`."""

    http_method_names = ["get", "head"]

    def get(self, request: HttpRequest, hash_: str) -> HttpResponse:
        response = self._response(request, hash_)
        patch_vary_headers(response, ["Accept", "Authorization", "Cookie"])
        return response

    def _response(self, request: HttpRequest, hash_: str) -> HttpResponse:
        try:
            user = http.current_user(request)
            http.activate_language(user, request)
            visit = self.visit(request, hash_, user)
        except Unauthenticated as problem:
            return self._not_signed_in(request, problem)
        except ApiError as problem:
            return http.problem_page(request, problem)
        return self._answer(request, visit)

    def visit(self, request: HttpRequest, hash_: str, user: User) -> Visit:
        return joining.attempt_as_member(hash_=hash_, user=user)

    def _not_signed_in(self, request: HttpRequest, problem: Unauthenticated) -> HttpResponse:
        if http.takes_html(request):
            return http.no_store(request, http.redirect_to_sign_in(request))
        return http.problem_page(request, problem)

    def _answer(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        now = timezone.now()
        cohort = visit.live_class.cohort
        http.activate_language(visit.user, request, cohort.language, cohort.academy.language)
        try:
            joining.check_open(visit.live_class, now=now)
            if joining.is_early(visit.live_class, now=now):
                return self._countdown(request, visit)
            if request.method == "HEAD":  # as link previews send it: not a join (rule J9)
                return http.no_store(request, HttpResponse())
            return http.no_store(request, self._join(visit))
        except ApiError as problem:
            return http.problem_page(request, problem, context={"live_class": visit.live_class, "cohort": cohort})

    def _join(self, visit: Visit) -> HttpResponse:
        JOINS.count(visit.user.pk)
        joined = joining.join(visit, now=timezone.now())
        if joined.starts_class:
            request_start(visit.live_class.pk)
        return HttpResponseRedirect(joined.meeting_url)

    def _countdown(self, request: HttpRequest, visit: Visit) -> HttpResponse:
        """Rule J3. The page contains the times, but neither the meeting URL nor a token."""
        live_class: LiveClass = visit.live_class
        cohort = live_class.cohort
        # Without a script, the page shows the times in the zone we know of; with one, in the browser's.
        zone = visit.user.timezone or cohort.effective_timezone
        start, end = (in_zone(moment, zone) for moment in (live_class.starting_at, live_class.ending_at))
        context = {
            "class": live_class,
            "title": live_class.title or cohort.name,
            "cohort": cohort,
            "teachers": users_who_teach(live_class),
            "calendar_links": links_of_class(live_class),
            "ends_on_another_day": start.date() != end.date(),
            "starting_at": live_class.starting_at,
            "ending_at": live_class.ending_at,
            "starting_at_utc": iso_utc(live_class.starting_at),
            "ending_at_utc": iso_utc(live_class.ending_at),
            "zone": zone,
            "viewer_zone": visit.user.timezone,
            "start_milliseconds": round(live_class.starting_at.timestamp() * 1000),
            "now_milliseconds": round(timezone.now().timestamp() * 1000),
        }
        with timezone.override(ZoneInfo(zone)):
            return http.no_store(request, render(request, "pages/countdown.html", context))


class AcademyJoinView(JoinView):
    """`events/academy/event/liveclass/join/{hash}`: staff, with the header's academy or the class's own (rule J7)."""

    def visit(self, request: HttpRequest, hash_: str, user: User) -> Visit:
        academy_id = academy_header(request)
        if academy_id is None and request.headers.get("Academy", "").strip():
            raise InvalidAcademyHeader
        return joining.attempt_as_staff(hash_=hash_, user=user, academy_id=academy_id)
