"""What people were told before there were notices: by the announcements that hold, and by their calendars."""

import datetime

from django.db import migrations
from django.utils import timezone

BATCH = 2000


def fill(apps, schema_editor):
    # Nothing is told any more about what lies further back.
    since = timezone.now() - datetime.timedelta(hours=25)
    for rows in (_from_announcements(apps, since), _from_calendars(apps, since)):
        _insert(apps, rows)


def _insert(apps, rows):
    notices = apps.get_model("events", "ClassNotice").objects
    batch = []
    for row in rows:
        batch.append(row)
        if len(batch) == BATCH:
            notices.bulk_create(batch, ignore_conflicts=True)
            batch = []
    notices.bulk_create(batch, ignore_conflicts=True)


def _from_announcements(apps, since):
    users = set(apps.get_model("authenticate", "User").objects.values_list("pk", flat=True))
    told = apps.get_model("events", "Announcement").objects.filter(starting_at__gt=since, corrected_at__isnull=True)
    # Whoever has two has the newest one first, and the others are left out.
    for row in told.select_related("live_class__cohort_time_slot__cohort").order_by("-announced_at").iterator():
        live_class = row.live_class
        length = live_class.ending_at - live_class.starting_at
        for user_id in users.intersection(row.recipients):
            yield _notice(
                apps, user_id, live_class.cohort_time_slot.cohort, live_class.pk, live_class,
                starting_at=row.starting_at, ending_at=row.starting_at + length, cancelled=False,
                channel="REMINDER", sent_at=row.announced_at, mail_count=1,
            )  # fmt: skip


def _from_calendars(apps, since):
    LiveClass = apps.get_model("events", "LiveClass")
    sent = apps.get_model("events", "CalendarInvitation").objects.filter(starting_at__gt=since)
    there = set(LiveClass.objects.filter(starting_at__gt=since, cancelled_at=None).values_list("pk", flat=True))
    for row in sent.select_related("cohort").order_by("pk").iterator():
        if row.withdrawn and row.class_id in there:  # taken out of this calendar alone
            continue
        yield _notice(
            apps, row.user_id, row.cohort, row.class_id, row,
            starting_at=row.starting_at, ending_at=row.ending_at, cancelled=row.withdrawn,
            channel="CALENDAR", sent_at=row.sent_at, mail_count=0,
        )  # fmt: skip


def _notice(apps, user_id, cohort, class_id, shown, **fields):
    ClassNotice = apps.get_model("events", "ClassNotice")
    title = shown.title or cohort.name
    return ClassNotice(
        user_id=user_id, cohort_id=cohort.pk, live_class_id=class_id, hash=shown.hash, title=title, **fields
    )


class Migration(migrations.Migration):
    dependencies = [("events", "0006_class_notices"), ("authenticate", "0003_academy_language")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop, elidable=True)]
