"""Language codes that were stored in other spellings, or that the product has no texts in, become its own codes."""

from typing import Any

from django.db import migrations

CODES = {"en": "en", "es": "es"}


def normalise(apps: Any, schema_editor: Any) -> None:
    for name, unknown in (("User", ""), ("Academy", "en")):
        rows = apps.get_model("authenticate", name).objects
        for code in rows.exclude(language__in=["", *CODES]).order_by().values_list("language", flat=True).distinct():
            language = CODES.get(code.strip().lower().replace("_", "-").partition("-")[0], unknown)
            rows.filter(language=code).update(language=language)


class Migration(migrations.Migration):
    dependencies = [("authenticate", "0004_language_fields")]
    operations = [migrations.RunPython(normalise, migrations.RunPython.noop)]
