"""What a survey says: an academy's own words, else the product's, in the cohort's language, else English (S3)."""

from collections.abc import Mapping

from breathecode.common.i18n.languages import supported_language

# Placeholders: {title} of the class, {cohort}, {academy}, {teacher}.
DEFAULT: dict[str, dict[str, str]] = {
    "en": {
        "title": "How was your class?",
        "intro": "You were in {title}. Two minutes of your time help us make the next one better.",
        "class_question": "How likely are you to recommend a class like this one to a friend?",
        "teacher_question": "How did {teacher} teach?",
        "lowest": "not at all",
        "highest": "very",
        "teacher_lowest": "very badly",
        "teacher_highest": "very well",
        "comment": "What should we know?",
        "thanks": "Thank you! Your answers are saved. Until the survey closes you can change them.",
    },
    "es": {
        "title": "¿Qué tal la clase?",
        "intro": "Has estado en {title}. Con dos minutos nos ayudas a mejorar la próxima.",
        "class_question": "¿Recomendarías una clase como esta a un amigo?",
        "teacher_question": "¿Qué tal enseña {teacher}?",
        "lowest": "seguro que no",
        "highest": "seguro que sí",
        "teacher_lowest": "muy mal",
        "teacher_highest": "muy bien",
        "comment": "¿Qué deberíamos saber?",
        "thanks": "¡Gracias! Tus respuestas están guardadas. Mientras la encuesta esté abierta puedes cambiarlas.",
    },
}
KEYS = tuple(DEFAULT["en"])
MAX_TEXT_LENGTH = 500  # characters of one text


def survey_language(cohort_language: str) -> str:
    """The language of a cohort's surveys: its own where the product speaks it, else English."""
    return supported_language(cohort_language)


def survey_texts(own: Mapping[str, Mapping[str, str]] | None, *, cohort_language: str) -> dict[str, str]:
    """All texts of a survey. `own`: the academy's template by language; each text falls back by itself."""
    language = cohort_language.split("-", maxsplit=1)[0].lower()
    words = dict(DEFAULT[survey_language(cohort_language)])
    templates = own or {}
    # The exact tag (es-CL), its language (es), then the English of the same template.
    for tag in (cohort_language, language, "en"):
        if tag in templates:
            return words | {key: text for key, text in templates[tag].items() if key in words and text.strip()}
    return words


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with its placeholders filled; anything else in braces is left as it stands."""
    for name, value in values.items():
        text = text.replace(f"{{{name}}}", value)
    return text
