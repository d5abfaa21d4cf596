"""What the routes of one class may answer, for the API's schema (rules W1 to W6)."""

from breathecode.events import errors

CREATION = (
    errors.CohortTimeSlotNotFound,
    errors.StartedAtOnCreation,
    errors.EndedAtOnCreation,
    errors.EndingAtBeforeStartingAt,
    errors.ClassTooLong,
    errors.LiveClassAlreadyExists,
    errors.NotATeacher,
)
CHANGE = (
    errors.OnlyStartedAt,
    errors.StartedAtAlreadySet,
    errors.StartedAtNotNow,
    errors.StartedAtNotSet,
    errors.EndedAtAlreadySet,
    errors.EndedAtBeforeStartedAt,
    errors.EndedAtTooSoon,
    errors.EndedAtTooOld,
    errors.EndedAtInTheFuture,
    errors.ClassAlreadyStarted,
    errors.ClassHasEnded,
    errors.ClassCancelled,
    errors.EndingAtBeforeStartingAt,
    errors.ClassTooLong,
    errors.LiveClassAlreadyExists,
    errors.NotATeacher,
)
CANCELLATION = (errors.ClassStartedConflict, errors.ClassHasEnded)
DELETION = (errors.CannotDeleteGenerated, errors.ClassStartedConflict)
JOIN = (
    errors.ClassHasEnded,
    errors.ClassCancelled,
    errors.MeetingUrlNotSet,
    errors.LiveClassNotFound,
)
