"""Files that are loaded: the list, bringing one, watching it, and loading, stopping or undoing it."""

import csv
from collections.abc import Callable, Iterator
from itertools import islice
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import permission_required
from django.core.paginator import Paginator
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.csrf import csrf_exempt, csrf_protect
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from orders.views.request import PageRequest
from procurement.exceptions import FileError, FileRefused
from procurement.forms import FileForm
from procurement.models import FileImport
from procurement.services.files.taking import FolderUpload, file_take
from procurement.services.files.working import file_discard, file_stop, file_undo, load_start
from procurement.views.file_errors import refused_rows

PAGE_SIZE = 50
ERRORS_SHOWN, LEFT_SHOWN = 50, 200
SAMPLES = {"changed": "Would be changed", "added": "Would be added", "unchanged": "Known already"}
may_view = permission_required("procurement.view_fileimport", raise_exception=True)
may_load = permission_required("procurement.add_fileimport", raise_exception=True)


@require_GET
@may_view
def file_list(request: PageRequest) -> HttpResponse:
    found = FileImport.objects.select_related("site", "by", "source", "undone_by")
    context = {"page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))}
    return render(request, "procurement/file_list.html", context)


@csrf_exempt  # checked below: checking reads the form, and before that it must be said where its file goes
@require_http_methods(["GET", "HEAD", "POST"])
@may_load
def file_new(request: PageRequest) -> HttpResponse:
    upload = FolderUpload(request)
    if request.method == "POST":
        request.upload_handlers = [upload]
    try:
        return _file_new(request, upload)
    finally:
        upload.clean()  # whatever was not taken


@csrf_protect
def _file_new(request: PageRequest, upload: FolderUpload) -> HttpResponse:
    form = FileForm(request.POST if request.method == "POST" else None, upload=upload)
    if form.is_valid() and upload.path:
        try:
            taken = file_take(
                path=upload.path, name=upload.file_name or "", by=request.user, **form.cleaned_data
            )
            return redirect("file-columns", pk=taken.pk)
        except FileRefused as error:
            form.add_error("file", str(error))
    return render(
        request,
        "procurement/file_new.html",
        {
            "form": form,
            "most": settings.FILE_MAX_BYTES,
            "most_mb": settings.FILE_MAX_BYTES // 1_000_000,
        },
        status=422 if form.errors else 200,
    )


@require_GET
@may_view
def file_import(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(
        FileImport.objects.select_related("site", "supplier", "by", "source", "undone_by"), pk=pk
    )
    if request.htmx and request.htmx.target == "progress":
        if found.busy:
            return render(request, "procurement/_file_progress.html", {"file": found})
        # It has ended: draw the whole page with what came of it.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    errors = list(islice(refused_rows(found), ERRORS_SHOWN + 1))
    context: dict[str, Any] = {
        "file": found,
        "errors": errors[:ERRORS_SHOWN],
        "samples": [(title, rows) for key, title in SAMPLES.items() if (rows := found.samples.get(key))],
        "more_errors": len(errors) > ERRORS_SHOWN,
        "left": found.imported_rows.exclude(left="").values_list("left", flat=True)[:LEFT_SHOWN]
        if found.left
        else [],
    }
    return render(request, "procurement/file_import.html", context)


@require_GET
@may_view
def file_errors(request: PageRequest, pk: int) -> StreamingHttpResponse:
    found = get_object_or_404(FileImport, pk=pk)
    writer = csv.writer(_Echo())

    def lines() -> Iterator[str]:
        yield "\ufeff" + writer.writerow(["line", "cell", "column", "value", "reason"])
        for row in refused_rows(found):
            # A value that begins like a formula must not become one when this is opened in a spreadsheet.
            cells = (f"'{text}" if text.startswith(("=", "+", "-", "@")) else text for text in row.cells())
            yield writer.writerow(cells)

    name = f"refused-{found.pk}.csv"
    return StreamingHttpResponse(
        lines(),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _Echo:
    def write(self, text: str) -> str:
        return text


def _act(request: PageRequest, pk: int, action: Callable[..., None], done: str) -> HttpResponse:
    found = get_object_or_404(FileImport, pk=pk)
    try:
        action(file_import=found, by=request.user)
        messages.success(request, done.format(found))
    except FileError as error:
        messages.error(request, str(error))
    return redirect("file-import", pk=pk)


@require_POST
@may_load
def file_load(request: PageRequest, pk: int) -> HttpResponse:
    return _act(request, pk, load_start, "{} is being loaded.")


@require_POST
@may_load
def stop(request: PageRequest, pk: int) -> HttpResponse:
    return _act(request, pk, file_stop, "{} is stopped.")


@require_POST
@may_load
def undo(request: PageRequest, pk: int) -> HttpResponse:
    return _act(request, pk, file_undo, "{} is being undone.")


@require_POST
@may_load
def discard(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(FileImport, pk=pk)
    try:
        file_discard(file_import=found)
    except FileError as error:
        messages.error(request, str(error))
        return redirect("file-import", pk=pk)
    messages.success(request, f"{found} was thrown away; nothing of it was loaded.")
    return redirect("file-list")
