"""What can be wrong with a live class, one class a slug. The document's "Common Errors" keep their wording (H3)."""

from django.utils.translation import gettext_lazy as _

from breathecode.common.errors import ApiError


class LiveClassNotFound(ApiError):
    status_code = 404
    slug = "not-found"
    default_detail = _("Live class not found for this academy")


class CohortTimeSlotNotFound(ApiError):
    slug = "cohort-time-slot-not-found"
    default_detail = _("Time slot not found in this academy.")


class StartedAtOnCreation(ApiError):
    slug = "started-at-on-creation"
    default_detail = _("A new class cannot already be started. Remove started_at from the request.")


class EndedAtOnCreation(ApiError):
    slug = "ended-at-on-creation"
    default_detail = _("A new class cannot already be ended. Remove ended_at from the request.")


class EndingAtBeforeStartingAt(ApiError):
    slug = "ending-at-before-starting-at"
    default_detail = _("ending_at must be after starting_at.")


class ClassTooLong(ApiError):
    slug = "class-too-long"
    default_detail = _("A class can last at most 24 hours.")


class LiveClassAlreadyExists(ApiError):
    status_code = 409
    slug = "live-class-already-exists"
    default_detail = _("This time slot already has a class at this time.")


class OnlyStartedAt(ApiError):
    slug = "only-started-at"
    default_detail = _("started_at must be sent alone, without other fields.")


class StartedAtAlreadySet(ApiError):
    slug = "started-at-already-set"
    default_detail = _("This class has already been started")


class StartedAtNotNow(ApiError):
    slug = "started-at-not-now"
    default_detail = _("You can only start a class within 2 minutes of the current time")


class StartedAtNotSet(ApiError):
    slug = "started-at-not-set"
    default_detail = _("The class must be started before you can end it")


class EndedAtAlreadySet(ApiError):
    slug = "ended-at-already-set"
    default_detail = _("This class has already been ended")


class EndedAtBeforeStartedAt(ApiError):
    slug = "ended-at-before-started-at"
    default_detail = _("ended_at must be after started_at.")


class EndedAtTooSoon(ApiError):
    slug = "ended-at-too-soon"
    default_detail = _("You cannot end a class less than 30 minutes after it started")


class EndedAtTooOld(ApiError):
    slug = "ended-at-too-old"
    default_detail = _("ended_at cannot be more than 24 hours in the past.")


class EndedAtInTheFuture(ApiError):
    slug = "ended-at-in-the-future"
    default_detail = _("ended_at cannot be more than 2 minutes in the future.")


class ClassAlreadyStarted(ApiError):
    slug = "class-already-started"
    default_detail = _("This class has started. It can no longer be moved, cancelled or deleted.")


class ClassStartedConflict(ClassAlreadyStarted):
    """The same, where the request is right in itself and only the state stands against it."""

    status_code = 409


class ClassHasEnded(ApiError):
    slug = "class-has-ended"
    default_detail = _("This class has ended.")


class ClassCancelled(ApiError):
    slug = "class-cancelled"
    default_detail = _("This class is cancelled. {reason}")


class MeetingUrlNotSet(ApiError):
    slug = "meeting-url-not-set"
    default_detail = _("This class does not have a meeting link yet. Ask your teacher or the academy.")


class NotATeacher(ApiError):
    slug = "not-a-teacher"
    default_detail = _("teacher must be a member of the academy who may start and end classes.")


class ReasonWithoutMove(ApiError):
    slug = "reason-without-move"
    default_detail = _("reason belongs to a change of starting_at or ending_at. To cancel the class, use /cancel.")


class NotCancelled(ApiError):
    slug = "not-cancelled"
    default_detail = _("replaces must be the id of a cancelled class of the same cohort.")


class AlreadyReplaced(ApiError):
    status_code = 409
    slug = "already-replaced"
    default_detail = _("This cancelled class already has a make-up class.")


class CannotDeleteGenerated(ApiError):
    slug = "cannot-delete-generated"
    default_detail = _("This class was generated from the schedule and cannot be deleted. Cancel it instead.")
