from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('authenticate', '0003_academy_language'),
    ]

    operations = [
        migrations.AddField(
            model_name='token',
            name='user_agent',
            field=models.CharField(blank=True, help_text='As the client named itself at sign-in.', max_length=500),
        ),
    ]
