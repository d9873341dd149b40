from django.db import migrations


def draw_keys_by_the_thousand(apps, schema_editor):
    """Keys of half a million rows are drawn at once when a file is read, and each one drawn alone is written down."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(
            "ALTER SEQUENCE procurement_dailydemand_id_seq CACHE 1000"
        )


class Migration(migrations.Migration):
    dependencies = [("procurement", "0022_files_of_a_source")]

    operations = [
        migrations.RemoveIndex(model_name="dailydemand", name="procurement_site_id_8203fd_idx"),
        migrations.RunPython(draw_keys_by_the_thousand, migrations.RunPython.noop),
    ]
