"""The rules that a plan goes by, as its run keeps them."""

from typing import Any

from django.conf import settings

from procurement.models import PlanningPolicy
from procurement.services.item_rules import rules_told
from procurement.services.plan_terms import terms_parameters


def plan_rules(policy: PlanningPolicy) -> dict[str, Any]:
    return {
        "service_level": str(policy.service_level),
        "review_period_days": policy.review_period_days,
        "history_days": policy.history_days,
        "learned_lead_times": policy.learned_lead_times,
        "currency": settings.BASE_CURRENCY,
        **terms_parameters(policy),
        **rules_told(policy),
    }
