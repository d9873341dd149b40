"""From the supplier's answer to the buyer's mail, through the real door and the real queue."""

from pathlib import Path

import pytest
from django.core import mail

from orders.models import OrderMail, PurchaseOrder
from orders.services.inbound import message_process
from tests.fixtures.sandbox import sandbox_of, supplier_create
from tests.flow.background import work_off
from tests.flow.scenes import approved, kinds, post


@pytest.mark.parametrize(
    ("confirm", "says"), [("price", "confirmed it with changes"), ("reject", "rejected it"), ("as_asked", "")]
)
def test_an_answer_that_comes_twice_is_one_mail(db: None, tmp_path: Path, confirm: str, says: str) -> None:
    with sandbox_of(tmp_path, behaviour={"confirm": confirm}) as server:
        job = approved(supplier_create(server))
        order = job.order
        type(order.approvals.get().by).objects.update(email="ann@buyers.example")
        work_off()
        for callback in server.callbacks_waiting():
            assert post(callback).status_code == 202
            work_off()
            assert post(callback).status_code in (200, 202)
            work_off()
    for message in order.inbound.all():  # a job that runs twice
        message_process(message_id=message.pk)
    work_off()
    order = PurchaseOrder.objects.get(pk=order.pk)
    assert [message.subject.partition(": ")[2].partition(",")[0] for message in mail.outbox] == (
        [f"Greengrocer Ltd {says}"] if says else []
    )
    assert kinds(order).count("told_by_mail") == len(mail.outbox) == OrderMail.objects.count()
