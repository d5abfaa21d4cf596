"""Cohorts' language codes in other spellings become the product's own; unknown ones, so far English, their academy's."""

from typing import Any

from django.db import migrations

CODES = {"en": "en", "es": "es"}


def normalise(apps: Any, schema_editor: Any) -> None:
    cohorts = apps.get_model("admissions", "Cohort").objects.exclude(language__in=list(CODES)).order_by()
    for code, academy in list(cohorts.values_list("language", "academy__language").distinct()):
        language = CODES.get(code.strip().lower().replace("_", "-").partition("-")[0], academy)
        cohorts.filter(language=code, academy__language=academy).update(language=language)


class Migration(migrations.Migration):
    dependencies = [
        ("admissions", "0003_cohort_language"),
        ("authenticate", "0005_normal_language_codes"),
    ]
    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
