import django.db.models.deletion
from django.db import migrations, models

import breathecode.events.fields
import breathecode.events.models


class Migration(migrations.Migration):
    dependencies = [
        ("admissions", "0002_initial"),
        ("authenticate", "0001_initial"),
        ("events", "0003_substitute_teacher"),
    ]

    operations = [
        migrations.AddField(
            model_name="liveclass",
            name="cohort",
            field=breathecode.events.fields.CopiedKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="live_classes",
                source="cohort",
                to="admissions.cohort",
            ),
        ),
        migrations.AddField(
            model_name="liveclass",
            name="academy",
            field=breathecode.events.fields.CopiedKey(
                null=True,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="live_classes",
                source="cohort.academy",
                to="authenticate.academy",
            ),
        ),
        migrations.AddField(
            model_name="liveclass", name="day", field=breathecode.events.fields.ClassDayField(null=True)
        ),
        migrations.AlterField(
            model_name="liveclass",
            name="hash",
            field=models.CharField(
                default=breathecode.events.models.new_hash, editable=False, max_length=40
            ),
        ),
        migrations.AlterField(
            model_name="liveclass",
            name="cohort_time_slot",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="live_classes",
                to="admissions.cohorttimeslot",
            ),
        ),
        migrations.AddConstraint(
            model_name="liveclass", constraint=models.UniqueConstraint(fields=["hash"], name="class_hash_once")
        ),
        migrations.AddIndex(
            model_name="liveclass",
            index=models.Index(fields=["cohort", "starting_at", "id"], name="class_cohort_start"),
        ),
        migrations.AddIndex(
            model_name="liveclass",
            index=models.Index(fields=["academy", "starting_at", "id"], name="class_academy_start"),
        ),
    ]
