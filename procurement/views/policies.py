"""Service levels by class, what is set for one item, and stock put aside."""

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.models import Site
from orders.views.request import PageRequest
from procurement.class_grid import ClassGrid, class_grid
from procurement.models import ItemPolicy, StockReservation
from procurement.policy_forms import ClassLevelsForm, ItemPolicyForm, ReservationForm
from procurement.services.policies import class_levels_set, item_policy_set, reservation_end, stock_reserve
from suppliers.models import Product


def _site(code: str | None) -> Site:
    named = (code or "").replace("\x00", "?")  # PostgreSQL knows no such letter
    site = (Site.objects.filter(code=named) if named else Site.objects.all()).first()
    if site is None:
        raise Http404("There is no such site.")
    return site


def _item_page(site: Site, product: Product) -> HttpResponse:
    return redirect(f"{reverse('stock-item', args=[product.sku])}?{urlencode({'site': site.code})}")


@require_GET
@permission_required("procurement.view_classservicelevel", raise_exception=True)
def classes(request: PageRequest) -> HttpResponse:
    site = _site(request.GET.get("site"))
    return _grid(request, class_grid(site=site))


@require_POST
@permission_required("procurement.change_classservicelevel", raise_exception=True)
def classes_set(request: PageRequest) -> HttpResponse:
    site = _site(request.POST.get("site"))
    form = ClassLevelsForm(request.POST)
    if not form.is_valid():
        return _grid(request, class_grid(site=site, typed=form.typed(), errors=form.complaints()), status=422)
    if changed := class_levels_set(site=site, levels=form.levels(), by=request.user):
        messages.success(request, f"{', '.join(changed)}: the next plan of {site.name} goes by it.")
    else:
        messages.info(request, "Nothing was changed.")
    return redirect(f"{reverse('class-grid')}?{urlencode({'site': site.code})}")


def _grid(request: PageRequest, grid: ClassGrid, status: int = 200) -> HttpResponse:
    context = {"grid": grid, "site": grid.site, "sites": Site.objects.all()}
    return render(request, "procurement/class_grid.html", context, status=status)


@require_http_methods(["GET", "POST"])
@permission_required("procurement.change_itempolicy", raise_exception=True)
def item_policy(request: PageRequest, sku: str) -> HttpResponse:
    site = _site(request.GET.get("site"))
    product = get_object_or_404(Product, sku=sku)
    row = ItemPolicy.objects.filter(site=site, product=product).first()
    form = ItemPolicyForm(request.POST or None, instance=row, site=site)
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        item_policy_set(site=site, product=product, values=values, why=values["why"], by=request.user)
        messages.success(request, f"The next plan of {site.name} goes by what is set for {product.sku}.")
        return _item_page(site, product)
    context = {"form": form, "site": site, "product": product}
    return render(request, "procurement/item_policy.html", context, status=422 if form.errors else 200)


@require_POST
@permission_required("procurement.add_stockreservation", raise_exception=True)
def reserve(request: PageRequest, sku: str) -> HttpResponse:
    site = _site(request.POST.get("site"))
    product = get_object_or_404(Product, sku=sku)
    form = ReservationForm(request.POST)
    if form.is_valid():
        row = stock_reserve(site=site, product=product, by=request.user, **form.cleaned_data)
        messages.success(request, f"{row.quantity.normalize():f} put aside for {row.purpose}.")
    else:
        messages.error(request, form.sentence())
    return _item_page(site, product)


@require_POST
@permission_required("procurement.delete_stockreservation", raise_exception=True)
def unreserve(request: PageRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(StockReservation.objects.select_related("site", "product"), pk=pk)
    reservation_end(reservation=row, by=request.user)
    messages.success(request, f"What was put aside for {row.purpose} counts again.")
    return _item_page(row.site, row.product)
