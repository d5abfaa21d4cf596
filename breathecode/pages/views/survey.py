"""The page on which an attendee answers a survey, by a link that needs no password (rule S4).

The key in the address is all the right there is: no session, no cookie, and so nothing a foreign page could
borrow, which is why the form needs no CSRF token (and works where a browser refuses cookies).
"""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt

from breathecode.common.errors import ApiError
from breathecode.common.i18n.languages import supported_language
from breathecode.feedback.domain.answers import AnswerInput, open_link, questions_of, save_answers
from breathecode.feedback.domain.texts import filled
from breathecode.feedback.models import HIGHEST, LOWEST, Answer, SurveyLink
from breathecode.pages import http

SCORES = [str(score) for score in range(LOWEST, HIGHEST + 1)]


@method_decorator(csrf_exempt, name="dispatch")
class SurveyView(http.Page):
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

    def get(self, request: HttpRequest, survey_id: int) -> HttpResponse:
        answered = any(question.answered_at for question in questions_of(self.link))
        return self._form(self.link, saved="saved" in request.GET and answered)

    def post(self, request: HttpRequest, survey_id: int) -> HttpResponse:
        questions = questions_of(self.link)
        given, unreadable = self._read(questions)
        changed = self._changed(given)
        if unreadable:
            return self._form(self.link, problem=_("Choose a number from 0 to 10."), given=changed, status=400)
        if not _has_content(given, questions):
            return self._form(self.link, problem=_("Choose a number or write a comment first."), status=400)
        save_answers(link=self.link, answers=changed, now=timezone.now())
        query = request.GET.copy()
        query["saved"] = "1"
        return http.no_store(request, HttpResponseRedirect(f"{request.path}?{query.urlencode()}"))

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

    def _form(self, link: SurveyLink, *, status: int = 200, **more: Any) -> HttpResponse:
        given: dict[int, AnswerInput] = more.pop("given", {})
        context = {"texts": _texts(link), "questions": [_question(link, q, given) for q in questions_of(link)], **more}
        return http.no_store(self.request, render(self.request, "pages/survey.html", context, status=status))


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
        "comment": given["comment"],
        "shown": {"score": "" if answer.score is None else answer.score, "comment": answer.comment},
    }
