"""From a template pair to a mail's parts, in the reader's language."""

import dataclasses
from collections.abc import Mapping
from typing import Any

from django.conf import settings
from django.template.loader import get_template
from django.utils import translation

from breathecode.common.i18n.languages import supported_language
from breathecode.common.text import one_line

SUBJECT_LENGTH = 255


@dataclasses.dataclass(frozen=True, slots=True)
class RenderedMail:
    subject: str
    text: str
    html: str


def render_mail(*, template: str, language: str, context: Mapping[str, Any]) -> RenderedMail:
    """`mail/<template>.txt` begins with the subject on a line of its own, as a mail does; `.html` is the other part."""
    values = {"public_url": settings.PUBLIC_URL, **context}
    with translation.override(supported_language(language)):
        # The text part is not HTML: its template turns escaping off.
        subject, _newline, text = get_template(f"mail/{template}.txt").render(values).lstrip().partition("\n")
        html = get_template(f"mail/{template}.html").render({**values, "subject": subject.strip()})
    return RenderedMail(subject=one_line(subject)[:SUBJECT_LENGTH], text=text.strip() + "\n", html=html.strip() + "\n")
