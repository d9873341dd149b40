"""Working days of suppliers and sites, and the suppliers' order days."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from orders.models import OrderDay, Site
from orders.views.request import PageRequest
from procurement.calendar_forms import ClosureFileForm, ClosureForm, OrderDaysForm, WeekForm
from procurement.calendar_places import Place, place_rows
from procurement.services import calendars
from suppliers.models import Supplier

may_view = permission_required("suppliers.view_suppliercalendar", raise_exception=True)
ROW_ID = re.compile(r"[0-9]{1,18}")
Forms = dict[str, Any]


@require_GET
@may_view
def calendar_list(request: PageRequest) -> HttpResponse:
    context = {"groups": [("Sites", place_rows(Site)), ("Suppliers", place_rows(Supplier))]}
    return render(request, "procurement/calendar_list.html", context)


@require_http_methods(["GET", "POST"])
@may_view
def supplier_calendar(request: PageRequest, code: str) -> HttpResponse:
    return _calendar(request, Place(get_object_or_404(Supplier, code=code)))


@require_http_methods(["GET", "POST"])
@may_view
def site_calendar(request: PageRequest, code: str) -> HttpResponse:
    return _calendar(request, Place(get_object_or_404(Site, code=code)))


def _calendar(request: PageRequest, place: Place) -> HttpResponse:
    forms: Forms = {
        "week": WeekForm(week=place.week),
        "closure": ClosureForm(),
        "file": ClosureFileForm(),
        "days": OrderDaysForm(),
    }
    if request.method == "POST":
        if not request.user.has_perm(place.permission):
            raise PermissionDenied
        act = ACTS.get(request.POST.get("do", ""))
        if act is None:
            messages.error(request, "Say what is to be changed.")
            return redirect(place.address)
        if said := act(request, place, forms):
            messages.success(request, said)
            return redirect(place.address)
    wrong = request.method == "POST"
    context = {"place": place, "forms": forms, "may_change": request.user.has_perm(place.permission)}
    return render(request, "procurement/calendar.html", context, status=422 if wrong else 200)


def _week(request: PageRequest, place: Place, forms: Forms) -> str:
    forms["week"] = form = WeekForm(request.POST, week=place.week)
    if not form.is_valid():
        return ""
    calendars.week_save(week=form.week)
    return f"The week of {place.of} is saved. The next plan counts with it."


def _closure(request: PageRequest, place: Place, forms: Forms) -> str:
    forms["closure"] = form = ClosureForm(request.POST)
    if not form.is_valid():
        return ""
    calendars.closure_add(place=place, **form.cleaned_data)
    return f"{place.of} is closed then: {form.cleaned_data['name']}."


def _file(request: PageRequest, place: Place, forms: Forms) -> str:
    forms["file"] = form = ClosureFileForm(request.POST, request.FILES)
    if not form.is_valid():
        return ""
    loaded = calendars.closures_add(place=place, rows=form.rows)
    return f"{loaded.added} closures were added, {loaded.known} were known."


def _opened(request: PageRequest, place: Place, forms: Forms) -> str:
    row = request.POST.get("row", "")
    closure = place.closures().filter(pk=row).first() if ROW_ID.fullmatch(row) else None
    if closure is None:
        return "That closure was gone already."
    calendars.closure_delete(closure=closure)
    return f"No longer closed: {closure}."


def _order_days(request: PageRequest, place: Place, forms: Forms) -> str:
    forms["days"] = form = OrderDaysForm(request.POST)
    if not isinstance(place.of, Supplier) or not form.is_valid():
        return ""
    told = form.cleaned_data
    added = calendars.order_days_add(
        supplier=place.of, site=told["site"], weekdays=map(int, told["weekdays"]), until=told["until"]
    )
    return f"{added} order days were added." if added else "These order days were known."


def _no_order_day(request: PageRequest, place: Place, forms: Forms) -> str:
    row = request.POST.get("row", "")
    day = place.order_days().filter(pk=row).first() if ROW_ID.fullmatch(row) else None
    if not isinstance(day, OrderDay) or not place.is_supplier:
        return "That order day was gone already."
    calendars.order_day_delete(day=day)
    return f"{day}: no order day any more."


ACTS: dict[str, Callable[[PageRequest, Place, Forms], str]] = {
    "week": _week,
    "close": _closure,
    "load": _file,
    "open": _opened,
    "order-days": _order_days,
    "no-order-day": _no_order_day,
}
