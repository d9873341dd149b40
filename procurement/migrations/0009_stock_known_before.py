"""What is known of stock becomes the first statement of its teller, and the first line of its history."""

from itertools import islice

from django.db import migrations
from django.db.models import Count

AT_ONCE = 5_000


def begin(apps, schema_editor):
    account, level, statement, change = (
        apps.get_model("procurement", name)
        for name in ("SourceAccount", "StockLevel", "StockStatement", "StockChange")
    )
    named_alone = account.objects.values("name").annotate(n=Count("pk")).filter(n=1).values("name")
    for teller in account.objects.filter(name__in=named_alone):
        level.objects.filter(source=teller.name).update(teller=teller)
    levels = level.objects.exclude(source="receipt").order_by("pk").iterator(AT_ONCE)
    while batch := list(islice(levels, AT_ONCE)):
        told = [
            {
                "site_id": row.site_id, "product_id": row.product_id, "teller_id": row.teller_id,
                "on_hand": row.on_hand, "as_of": row.as_of, "source": row.source,
            }
            for row in batch
        ]
        statement.objects.bulk_create([statement(since=row["as_of"], **row) for row in told])
        change.objects.bulk_create([change(kind="stated", counts=True, at=row["as_of"], **row) for row in told])


class Migration(migrations.Migration):
    dependencies = [("procurement", "0008_stock_tellers")]
    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
