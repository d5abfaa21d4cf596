"""`/classes/<id>/substitute`: who teaches one class in place of the cohort's teachers (rule P4)."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from breathecode.authenticate.models import User
from breathecode.events.domain.staffing.substitutes import possible_substitutes, possible_teachers_of_academy
from breathecode.events.domain.staffing.warnings import warnings_of_class
from breathecode.events.domain.writing import change_class
from breathecode.events.models import LiveClass
from breathecode.pages.academy.classes.base import ChangePage
from breathecode.pages.forms import PageForm

PAGE_SIZE = 50


class SubstituteForm(PageForm):
    """Without a teacher: the cohort's."""

    teacher = forms.IntegerField(label=gettext_lazy("Teacher"), required=False, min_value=1)


class SubstituteView(ChangePage):
    template = "pages/academy/classes/substitute.html"
    heading = gettext_lazy("Find a substitute")
    depends_on = ("starting_at", "ending_at", "teacher_id")
    sends_mail = False

    def form(self, data: Any = None) -> SubstituteForm:
        return SubstituteForm(data)

    def change(self, form: SubstituteForm) -> LiveClass:
        fields = {"teacher_id": form.cleaned_data["teacher"]}
        return change_class(self.live_class.pk, fields=fields, now=timezone.now(), within=self.within())

    def sentence(self, changed: LiveClass) -> str:
        if changed.teacher_id is None:
            return _("The cohort's teachers teach this class again.")
        text = _("{name} teaches this class: it is among their classes, and they get its reminders.")
        return text.format(name=User.objects.get(pk=changed.teacher_id).get_full_name())

    def done(self, sentence: str, changed: LiveClass) -> HttpResponse:
        answer = super().done(sentence, changed)
        for warning in warnings_of_class(changed):
            messages.warning(self.request, warning)
        return answer

    def words(self) -> dict[str, Any]:
        free = list(possible_substitutes(self.live_class))
        known = {user.pk for user in free} | {self.live_class.teacher_id}
        teachers = possible_teachers_of_academy(self.live_class.academy_id).order_by("first_name", "last_name", "pk")
        page = Paginator(free, PAGE_SIZE).get_page(self.request.GET.get("page"))
        return {**super().words(), "page": page, "others": [user for user in teachers if user.pk not in known]}
