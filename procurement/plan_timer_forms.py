"""What people type about plans by themselves."""

from typing import Self

from django import forms

from orders.models import Site
from procurement.models.plan_timers import LEAST, MOST


class PlanTimerForm(forms.Form):
    minutes_before = forms.IntegerField(
        required=False,
        min_value=LEAST,
        max_value=MOST,
        error_messages={
            "invalid": "Whole minutes, please.",
            "min_value": f"{LEAST} minutes at the least, or it may come too late.",
            "max_value": f"{MOST} minutes at the most.",
        },
    )

    @classmethod
    def of(cls, site: Site) -> Self:
        """As it is set; without a timer, empty."""
        timer = getattr(site, "plan_timer", None)
        return cls(initial={"minutes_before": timer.minutes_before if timer else None})
