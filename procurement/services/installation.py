"""What every installation has from its first start; each function can be called again at any time."""

from orders.models import Site
from procurement.models import PlanningPolicy


def site_ensure() -> Site:
    """The one site of a new installation, with the default policy; a renamed or second site is left alone."""
    site = Site.objects.order_by("pk").first() or Site.objects.create(code="main", name="Main warehouse")
    PlanningPolicy.objects.get_or_create(site=site)
    return site
