import django.db.models.deletion
from django.db import migrations

import breathecode.events.fields


class Migration(migrations.Migration):
    dependencies = [("events", "0005_fill_class_cohort_academy_day")]

    operations = [
        migrations.AlterField(
            model_name="liveclass",
            name="cohort",
            field=breathecode.events.fields.CopiedKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="live_classes",
                source="cohort",
                to="admissions.cohort",
            ),
        ),
        migrations.AlterField(
            model_name="liveclass",
            name="academy",
            field=breathecode.events.fields.CopiedKey(
                on_delete=django.db.models.deletion.CASCADE,
                related_name="live_classes",
                source="cohort.academy",
                to="authenticate.academy",
            ),
        ),
        migrations.AlterField(model_name="liveclass", name="day", field=breathecode.events.fields.ClassDayField()),
    ]
