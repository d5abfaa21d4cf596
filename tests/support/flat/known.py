"""What reads more where there is more, and is still to be mended. The test fails for a line here that has been."""

_SEARCH = "a search in the admin reads the whole table of what it searches, or of the users"
_SEARCHED = (
    "admissions_cohortuser", "admissions_enrolmentperiod", "attendance_attendance", "attendance_attendancechange",
    "attendance_cohortday", "attendance_daymark", "authenticate_academymember", "authenticate_invitation",
    "authenticate_token", "authenticate_user", "calendars_calendarinvitation", "calendars_calendarpreference",
    "events_classjoin", "events_classnotice", "events_liveclass", "feedback_answer", "feedback_surveylink",
    "history_change", "jobs_job", "notify_outgoingmail", "reminders_reminderpreference",
)  # fmt: skip
KNOWN: dict[str, str] = {
    "api GET /v1/auth/academy/student": "walks through all users by their e-mail addresses",
    "page GET academy-calendar": "reads all users, for the names of an academy's teachers",
    "admin GET authenticate_academymember": "sorts all members by their academies and e-mail addresses",
    "task breathecode.authenticate.tasks.delete_expired_tokens": "reads all tokens, and all their users",
    **{f"admin SEARCH {name}": _SEARCH for name in _SEARCHED},
}
