from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Length


def measure(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    calls = apps.get_model("suppliers", "ConnectorCall").objects
    calls.update(request_size=Length("request_body"), response_size=Length("response_body"))


class Migration(migrations.Migration):

    dependencies = [
        ("suppliers", "0002_corrected_codes"),
    ]

    operations = [
        migrations.AddField("connectorcall", "request_size", models.PositiveIntegerField(default=0)),
        migrations.AddField("connectorcall", "response_size", models.PositiveIntegerField(default=0)),
        migrations.AddField(
            "connectorcall",
            "attempt",
            models.PositiveSmallIntegerField(
                help_text="The attempt of the transfer that this call belongs to.", null=True
            ),
        ),
        migrations.AddField(
            "connectorcall",
            "message_id",
            models.CharField(blank=True, help_text="Of what was sent.", max_length=200),
        ),
        migrations.RunPython(measure, migrations.RunPython.noop),
    ]
