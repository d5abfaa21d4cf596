from django.db import migrations
from django.db.models import F


def mark_attended(apps, schema_editor):
    """Also raises the version of the cohorts whose lists say so from now on (rule O2)."""
    attendance = apps.get_model("events", "Attendance").objects.filter(source="STAFF", status__in=("PRESENT", "LATE"))
    live_class, cohort = apps.get_model("events", "LiveClass"), apps.get_model("admissions", "Cohort")
    live_class.objects.filter(pk__in=attendance.values("live_class_id")).update(attended=True)
    changed = live_class.objects.filter(attended=True, started_at=None, ended_at__isnull=False)
    cohorts = cohort.objects.filter(pk__in=changed.values("cohort_time_slot__cohort_id"))
    cohorts.update(classes_version=F("classes_version") + 1)


class Migration(migrations.Migration):
    dependencies = [("events", "0006_attended"), ("admissions", "0003_enrolment_periods")]

    operations = [migrations.RunPython(mark_attended, migrations.RunPython.noop)]
