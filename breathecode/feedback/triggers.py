"""Triggers of survey links (decision 0011)."""

from collections.abc import Iterable

from breathecode.common.db.triggers import Trigger, update_trigger


def triggers() -> Iterable[Trigger]:
    """All of this app."""
    yield _links_sent_to_old_address()


def _links_sent_to_old_address() -> Trigger:
    """A new e-mail address invalidates the links that the user was sent (rule U5); the answers stay."""
    return update_trigger(
        "user_survey_links",
        "authenticate_user",
        columns=["email"],
        needs=["feedback_surveylink"],
        sql="UPDATE feedback_surveylink SET key_hash = 'ended:' || id WHERE user_id = NEW.id;",
    )
