"""One item at one site: where each of its numbers comes from, and whom this site believes."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.text import Truncator
from django.views.decorators.http import require_GET, require_POST

from orders.models import Site
from orders.views.request import PageRequest
from procurement.forecast_course import forecast_course
from procurement.forms import BelieveForm
from procurement.item_planning import item_planning
from procurement.item_position import item_position, plans_of_item, stock_history
from procurement.models import LikeItem
from procurement.policy_history import policy_history
from procurement.services.like_items import like_item_set, like_item_unset
from procurement.services.stock_choices import stock_choice_end, stock_choose
from procurement.services.stock_settling import settle_soon
from procurement.stock_course import stock_course
from suppliers.models import Product
from suppliers.offers_shown import offers_shown

CHANGES_SHOWN = 20
PLANS_SHOWN = 8


@require_GET
@permission_required("procurement.view_stocklevel", raise_exception=True)
def stock_item(request: PageRequest, sku: str) -> HttpResponse:
    product = get_object_or_404(Product, sku=sku)
    sites = list(Site.objects.all())
    code = request.GET.get("site")
    site = next((site for site in sites if site.code == code), sites[0] if sites and not code else None)
    if site is None:
        raise Http404("There is no such site.")
    position = item_position(site=site, product=product)
    history = stock_history(site=site, product=product)
    context = {
        "product": product,
        "site": site,
        "sites": sites,
        "position": position,
        "course": stock_course(position),
        "like_item": LikeItem.objects.filter(product=product).select_related("like", "by").first(),
        "foretold": forecast_course(site=site, product=product),
        "planned": item_planning(site=site, product=product),
        "offers": offers_shown(product),
        "policy_history": policy_history(
            site=site, product=product, everything=request.GET.get("changes") == "all"
        ),
        "page": Paginator(history, CHANGES_SHOWN).get_page(request.GET.get("page")),
        "plans": plans_of_item(site=site, product=product)[:PLANS_SHOWN],
    }
    return render(request, "procurement/stock_item.html", context)


@require_POST
@permission_required("procurement.change_likeitem", raise_exception=True)
def like(request: PageRequest, sku: str) -> HttpResponse:
    """Whom a new item is expected to sell like: the code named, with `do` = none nobody, with `do` = unset as found."""
    product = get_object_or_404(Product, sku=sku)
    code = request.POST.get("like", "").replace("\x00", "").strip()
    do = request.POST.get("do", "")
    if do not in ("none", "unset"):
        do = "" if code else "none"
    other = None if do else Product.objects.filter(sku=code).exclude(pk=product.pk).first()
    if do == "unset":
        like_item_unset(product=product)
        messages.success(
            request, f"The next plan looks itself for an item that {sku} is like, while it is new."
        )
    elif not do and other is None:
        named = Truncator(code).chars(60)
        messages.error(request, f"There is no other item {named}; codes count with their capitals and zeros.")
    else:
        like_item_set(product=product, like=other, by=request.user)
        messages.success(
            request,
            f"The next plan expects {sku} to sell like {other}."
            if other
            else f"{sku} is like no other item now.",
        )
    return redirect("stock-item", sku=sku)


@require_POST
@permission_required("procurement.add_stockchoice", raise_exception=True)
def believe(request: PageRequest) -> HttpResponse:
    """Whose figures count, of an item or of all at its site."""
    form = BelieveForm(request.POST)
    if not form.is_valid():
        messages.error(request, form.sentence())
        return redirect("stock")
    site, product = form.cleaned_data["site"], form.cleaned_data["item"]
    of = None if form.whole_site else product
    if form.nobody:
        stock_choice_end(site=site, product=of)
    else:
        stock_choose(site=site, product=of, teller=form.source, by=request.user)
    if of is None:
        settle_soon(site=site, by=request.user)
    messages.success(request, form.done())
    return redirect(f"{reverse('stock-item', args=[product.sku])}?{urlencode({'site': site.code})}")
