from itertools import islice

from django.db import migrations

AWAY = ("POSTPONED", "SUSPENDED", "DROPPED")


def begin_periods(apps, schema_editor):
    """From when a membership was made; of those who are away, to when it was last changed: when they went, mostly."""
    memberships = apps.get_model("admissions", "CohortUser").objects.filter(role="STUDENT").order_by("pk")
    period = apps.get_model("admissions", "EnrolmentPeriod")
    rows = memberships.values_list("cohort_id", "user_id", "educational_status", "created_at", "updated_at")
    for chunk in _chunks(rows.iterator(chunk_size=2000), 2000):
        period.objects.bulk_create(
            period(
                cohort_id=cohort_id,
                user_id=user_id,
                since=created_at,
                until=max(created_at, updated_at) if status in AWAY else None,
            )
            for cohort_id, user_id, status, created_at, updated_at in chunk
        )


def _chunks(rows, size):
    while chunk := list(islice(rows, size)):
        yield chunk


class Migration(migrations.Migration):
    dependencies = [("admissions", "0003_enrolment_periods")]

    operations = [migrations.RunPython(begin_periods, migrations.RunPython.noop)]
