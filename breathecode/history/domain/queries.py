"""Whose history may be read: of the objects of an academy, also of those that are gone (rule P8)."""

from django.db.models import QuerySet

from breathecode.history.models import Change


def changes_of(kind: Change.Kind, object_id: int, *, academy_id: int) -> QuerySet[Change]:
    """Newest first, with who made them."""
    changes = Change.objects.filter(kind=kind, object_id=object_id, academy_id=academy_id).select_related("by")
    return changes.only("at", "through", "changes", "by__first_name", "by__last_name").order_by("-id")
