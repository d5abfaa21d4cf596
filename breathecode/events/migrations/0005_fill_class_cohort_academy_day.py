from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

from breathecode.events.fields import day_of_class


def fill(apps: Any, schema_editor: Any) -> None:
    live_class = apps.get_model("events", "LiveClass")
    slots = apps.get_model("admissions", "CohortTimeSlot").objects.filter(pk=OuterRef("cohort_time_slot"))
    live_class.objects.update(
        cohort_id=Subquery(slots.values("cohort_id")), academy_id=Subquery(slots.values("cohort__academy_id"))
    )
    batch = []
    for row in live_class.objects.select_related("cohort_time_slot").order_by("pk").iterator(chunk_size=1000):
        row.day = day_of_class(row)
        batch.append(row)
        if len(batch) == 1000:
            live_class.objects.bulk_update(batch, ["day"])
            batch = []
    live_class.objects.bulk_update(batch, ["day"])


class Migration(migrations.Migration):
    dependencies = [("events", "0004_class_cohort_academy_day")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
