"""Doing the background work that was woken, here and now, through the real queue table."""

from django.utils.module_loading import import_string
from django_q.models import OrmQ
from django_q.signing import SignedPackage


def woken() -> list[str]:
    """The tasks that wait, as `orders.tasks.transfer_order(7)`."""
    tasks = (SignedPackage.loads(row.payload) for row in OrmQ.objects.order_by("pk"))
    return [f"{task['func']}({', '.join(map(str, task['args']))})" for task in tasks]


def work_off(limit: int = 50) -> list[str]:
    """Run waiting tasks, also those they wake, until none is left. Returns what ran."""
    ran = []
    while row := OrmQ.objects.order_by("pk").first():
        assert len(ran) < limit, f"the work does not end: {ran}"
        task = SignedPackage.loads(row.payload)
        row.delete()
        import_string(task["func"])(*task["args"])
        ran.append(task["func"].rsplit(".", 1)[1])
    return ran
