"""What changes in other apps lead to here."""

from typing import Any

from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.utils import timezone

from breathecode.authenticate.models import AcademyMember
from breathecode.events.domain.staffing.substitutes import remove_from_coming_classes


@receiver([post_save, post_delete], sender=AcademyMember)
def member_changed(instance: AcademyMember, **kwargs: Any) -> None:
    """P4: users who lose their membership, or the role, are removed as substitutes from the coming classes."""
    remove_from_coming_classes(instance.user_id, academy_id=instance.academy_id, now=timezone.now())
