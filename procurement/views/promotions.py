"""The calendar of promotions: what is on, what comes, and what it did."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_POST

from orders.models import Site
from orders.views.request import PageRequest
from procurement.models import Promotion
from procurement.promotion_calendar import calendar_entries, promotion_effects, promotions_grouped
from procurement.promotion_forms import PromotionForm
from procurement.services.promotions import promotion_delete, promotion_rows, promotion_save

PAGE_SIZE = 50


@require_GET
@permission_required("procurement.view_promotion", raise_exception=True)
def promotion_list(request: PageRequest) -> HttpResponse:
    sites = list(Site.objects.all())
    code = request.GET.get("site")
    site = next((site for site in sites if site.code == code), sites[0] if sites and not code else None)
    if site is None:
        raise Http404("There is no such site.")
    return _list(request, site, PromotionForm(initial={"site": site.code}))


@require_POST
@permission_required("procurement.add_promotion", raise_exception=True)
def promotion_add(request: PageRequest) -> HttpResponse:
    form = PromotionForm(request.POST)
    if not form.is_valid():
        site = get_object_or_404(Site, code=request.POST.get("site", "").replace("\x00", ""))
        return _list(request, site, form)
    promotion = promotion_save(told=form.told(), by=request.user)
    messages.success(request, f"{_name(promotion)} counts from the next plan on.")
    return redirect(f"{reverse('promotion-list')}?{urlencode({'site': promotion.site.code})}")


@require_GET
@permission_required("procurement.view_promotion", raise_exception=True)
def promotion(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promotion.objects.select_related("site"), pk=pk)
    skus = promotion_rows(found).order_by("product__sku").values_list("product__sku", flat=True)
    fields = {"name": found.name, "items": "\n".join(skus)}
    days = {"starts_on": found.starts_on, "ends_on": found.ends_on}
    return _page(request, found, PromotionForm(initial={**fields, **days}, site=found.site))


@require_POST
@permission_required("procurement.change_promotion", raise_exception=True)
def promotion_change(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promotion.objects.select_related("site"), pk=pk)
    form = PromotionForm(request.POST, site=found.site)
    if not form.is_valid():
        return _page(request, found, form)
    changed = promotion_save(told=form.told(), by=request.user, instead_of=found)
    messages.success(request, f"{_name(changed)} was changed; the next plan counts with it.")
    return redirect("promotion", pk=changed.pk)


@require_POST
@permission_required("procurement.delete_promotion", raise_exception=True)
def promotion_remove(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Promotion.objects.select_related("site"), pk=pk)
    items = promotion_delete(promotion=found)
    messages.success(request, f"{_name(found)} of {items} item{'' if items == 1 else 's'} was removed.")
    return redirect(f"{reverse('promotion-list')}?{urlencode({'site': found.site.code})}")


def _list(request: PageRequest, site: Site, form: PromotionForm) -> HttpResponse:
    page = Paginator(promotions_grouped(site=site), PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "site": site,
        "sites": Site.objects.all(),
        "page": page,
        "entries": calendar_entries(list(page)),
        "form": form,
    }
    status = 422 if form.errors else 200
    return render(request, "procurement/promotion_list.html", context, status=status)


def _page(request: PageRequest, found: Promotion, form: PromotionForm) -> HttpResponse:
    context = {"promotion": found, "effects": promotion_effects(promotion=found), "form": form}
    return render(request, "procurement/promotion.html", context, status=422 if form.errors else 200)


def _name(promotion: Promotion) -> str:
    return f"“{promotion.name}”" if promotion.name else "The promotion"
