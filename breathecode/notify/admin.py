from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from breathecode.common.admin import RecordAdmin
from breathecode.notify.domain.delivery import retry_failed
from breathecode.notify.models import OutgoingMail
from breathecode.notify.tasks import queue_delivery


@admin.register(OutgoingMail)
class OutgoingMailAdmin(RecordAdmin):
    """Bodies and attachments are not shown: they may contain links that sign a user in.

    None is deleted here: a mail that is forgotten would be sent a second time.
    """

    list_display = ["to", "subject", "state", "tries", "created_at", "next_try_at", "sent_at", "last_error"]
    list_filter = ["state", "created_at"]
    search_fields = ["^to", "=id"]
    exclude = ["purpose", "template", "text", "html", "attachments", "headers"]
    actions = ["retry_failed_mails"]

    def has_send_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("notify.change_outgoingmail")

    @admin.action(description=_("Retry failed mails"), permissions=["send"])
    def retry_failed_mails(self, request: HttpRequest, queryset: QuerySet[OutgoingMail]) -> None:
        queued = retry_failed(queryset)
        queue_delivery(queued)
        text = ngettext("%(count)d mail will be retried.", "%(count)d mails will be retried.", len(queued))
        self.message_user(request, text % {"count": len(queued)}, messages.SUCCESS if queued else messages.WARNING)
