"""The page on which an attendee answers a survey (rule S4).

By the mailed link, the key in the address is all the right there is: no session, no cookie, and so nothing a foreign
page could borrow, which is why that form needs no CSRF token (and works where a browser refuses cookies). Who is
signed in opens their own surveys without a key, at another address and with a token in the form.
"""

from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import supported_language
from breathecode.feedback.domain.answers import AnswerInput, open_link, open_own_link, questions_of, save_answers
from breathecode.feedback.domain.texts import filled
from breathecode.feedback.errors import SurveyLinkNotValid
from breathecode.feedback.models import HIGHEST, LOWEST, Answer, SurveyLink
from breathecode.pages import http
from breathecode.pages.times import reader_zone

SCORES = [str(score) for score in range(LOWEST, HIGHEST + 1)]


class SurveyPage(http.Page):
    """The form, and with `?saved=1` what was sent. `self.link` is set before the method runs."""

    link: SurveyLink

    def get(self, request: HttpRequest, survey_id: int) -> HttpResponse:
        if "saved" in request.GET and any(question.answered_at for question in questions_of(self.link)):
            return self._show("pages/survey_sent.html")
        return self._form()

    def post(self, request: HttpRequest, survey_id: int) -> HttpResponse:
        questions = questions_of(self.link)
        given, unreadable = self._read(questions)
        changed = self._changed(given)
        if unreadable:
            return self._form(problem=_("Choose a number from 0 to 10."), given=changed, status=400)
        if not _has_content(given, questions):
            return self._form(problem=_("Choose a number or write a comment first."), status=400)
        save_answers(link=self.link, answers=changed, now=timezone.now())
        return http.no_store(request, HttpResponseRedirect(self._address(saved="1")))

    def _address(self, **more: str) -> str:
        """Of this page: with the key, where there is one, and what is given."""
        query = {**({"token": key} if (key := self.request.GET.get("token")) else {}), **more}
        return f"{self.request.path}?{urlencode(query)}" if query else self.request.path

    def _read(self, questions: list[Answer]) -> tuple[dict[int, AnswerInput], bool]:
        """What the form says, by question, as far as it names them (rule S6), and whether a score is unreadable."""
        given: dict[int, dict[str, Any]] = {question.pk: {} for question in questions}
        unreadable = False
        for pk, named in given.items():
            if (score := self.request.POST.get(f"score-{pk}")) is not None:
                unreadable |= score not in {"", *SCORES}
                named["score"] = _score(score)
            if (comment := self.request.POST.get(f"comment-{pk}")) is not None:
                named["comment"] = _comment(comment)
        return {pk: named for pk, named in given.items() if named}, unreadable

    def _changed(self, given: dict[int, AnswerInput]) -> dict[int, AnswerInput]:
        """Without the fields that are as the form showed them: an old tab must not undo what was saved elsewhere."""
        changed = {
            pk: {name: value for name, value in named.items() if not self._is_as_shown(pk, name, value)}
            for pk, named in given.items()
        }
        return {pk: named for pk, named in changed.items() if named}

    def _is_as_shown(self, pk: int, name: str, value: int | str | None) -> bool:
        shown = self.request.POST.get(f"shown-{name}-{pk}")
        return shown is not None and value == (_score(shown) if name == "score" else _comment(shown))

    def _form(self, *, status: int = 200, **more: Any) -> HttpResponse:
        return self._show("pages/survey.html", status=status, **more)

    def _show(self, template: str, *, status: int = 200, **more: Any) -> HttpResponse:
        given: dict[int, AnswerInput] = more.pop("given", {})
        context = {
            "texts": _texts(self.link),
            "texts_language": supported_language(self.link.survey.language),
            "questions": [_question(self.link, question, given) for question in questions_of(self.link)],
            "closes_at": self.link.closes_at,
            "zone": reader_zone(self.request, self.link.user),
            "class_zone": self.link.survey.live_class.cohort.effective_timezone,
            "form_address": self._address(),
            "is_own": isinstance(self, OwnSurveyView),
            **more,
        }
        return http.no_store(self.request, render(self.request, template, context, status=status))


@method_decorator(csrf_exempt, name="dispatch")
class SurveyView(SurveyPage):
    """`/survey/{id}?token=<key>`.

    In the language of its questions, which were written down when it was sent; errors are in the reader's (rule V5).
    """

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if (request.method or "").lower() not in self.http_method_names:
            return self.http_method_not_allowed(request)
        key = request.GET.get("token", "")
        try:
            self.link = open_link(survey_id=kwargs["survey_id"], key=key, now=timezone.now())
        except ApiError as problem:
            return http.problem_page(request, problem)
        translation.activate(supported_language(self.link.survey.language))
        return super().dispatch(request, *args, **kwargs)


class OwnSurveyView(SurveyPage):
    """`/me/surveys/{id}`: the reader's own answers. To users who were not asked it is the 404 page (rules S4, V1)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        user = http.session_user(request)
        if user is None:
            return http.redirect_to_sign_in(request)
        try:
            self.link = open_own_link(survey_id=kwargs["survey_id"], user=user, now=timezone.now())
        except SurveyLinkNotValid:
            raise Http404 from None
        except ApiError as problem:
            return http.problem_page(request, problem)
        return super().dispatch(request, *args, **kwargs)


def _score(text: str) -> int | None:
    return int(text) if text in SCORES else None


def _comment(text: str) -> str:
    """Browsers send line ends as CRLF."""
    return text.replace("\x00", "").replace("\r\n", "\n").strip()[:2000]


def _has_content(given: dict[int, AnswerInput], questions: list[Answer]) -> bool:
    """Whether there is an answer in it, or one is taken back: an untouched form names empty comments alone."""
    has_values = any(named.get("score") is not None or named.get("comment") for named in given.values())
    return has_values or any(question.pk in given and question.answered_at for question in questions)


def _names(link: SurveyLink) -> dict[str, str]:
    live_class = link.survey.live_class
    cohort = live_class.cohort
    return {"title": live_class.title or cohort.name, "cohort": cohort.name, "academy": cohort.academy.name}


def _texts(link: SurveyLink) -> dict[str, str]:
    return {key: filled(text, _names(link)) for key, text in link.survey.texts.items()}


def _question(link: SurveyLink, answer: Answer, sent: dict[int, AnswerInput]) -> dict[str, Any]:
    given = {"score": answer.score, "comment": answer.comment, **sent.get(answer.pk, {})}
    text = link.survey.texts["teacher_question" if answer.teacher_id else "class_question"]
    teacher = {"teacher": answer.teacher.get_full_name()} if answer.teacher else {}
    score = None if given["score"] is None else str(given["score"])
    texts = link.survey.texts
    kind = "teacher_" if answer.teacher_id else ""
    return {
        "lowest": texts.get(f"{kind}lowest", texts["lowest"]),
        "highest": texts.get(f"{kind}highest", texts["highest"]),
        "id": answer.pk,
        "text": filled(text, {**_names(link), **teacher}),
        "scores": [(value, value == score) for value in SCORES],
        "score": score,
        "comment": given["comment"],
        "shown": {"score": "" if answer.score is None else answer.score, "comment": answer.comment},
    }
