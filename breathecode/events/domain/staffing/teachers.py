"""Who teaches a class: its substitute, else the teachers of its cohort (rule P4)."""

from breathecode.admissions.models import CohortUser
from breathecode.authenticate.models import User
from breathecode.events.models import LiveClass


def teachers_of_class(live_class: LiveClass) -> list[User]:
    """In the order of their ids; one statement, none for a class with a substitute whose row was read."""
    if live_class.teacher is not None:
        return [live_class.teacher]
    teachers = CohortUser.objects.filter(
        cohort=live_class.cohort_id, role=CohortUser.Role.TEACHER, user__is_active=True
    ).values("user_id")
    return list(User.objects.filter(pk__in=teachers).order_by("pk"))
