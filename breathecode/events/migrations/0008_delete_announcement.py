from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("events", "0007_fill_class_notices")]

    operations = [migrations.DeleteModel(name="Announcement")]
