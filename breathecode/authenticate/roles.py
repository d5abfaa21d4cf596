"""Roles are sets of capabilities; this file is the only place that says which (rule U3)."""

READS = frozenset({"read_all_cohort", "read_member", "read_cohort_log", "read_survey"})
WRITES = frozenset(
    {"crud_cohort", "crud_member", "start_or_end_class", "crud_cohort_log", "crud_survey", "crud_my_academy"}
)
CAPABILITIES = READS | WRITES

ADMIN = "admin"
ROLES: dict[str, frozenset[str]] = {
    ADMIN: CAPABILITIES,
    "academy_coordinator": CAPABILITIES - {"crud_member", "crud_my_academy"},
    "teacher": READS | {"start_or_end_class", "crud_cohort_log"},
    "assistant": READS | {"start_or_end_class", "crud_cohort_log"},
    "staff": READS,
}

ROLE_CHOICES = [(role, role) for role in ROLES]


def capabilities_of(role: str | None) -> frozenset[str]:
    """The capabilities of a role; none for a role that no longer exists."""
    return ROLES.get(role or "", frozenset())
