"""Choosing which of our fields is read from which column; what is chosen shows at once what it makes of the file."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from orders.views.request import PageRequest
from procurement.exceptions import FileError
from procurement.models import FileImport
from procurement.services.files.choosing import (
    SETTLED,
    Choice,
    Proposed,
    choice_of,
    choice_propose,
    choice_save,
    sheet_names,
    today_of,
)
from procurement.services.files.working import file_wake
from procurement.sources.file_kinds import KINDS
from procurement.sources.samples import HEADER_WITHIN, fields_sample
from procurement.views.files import may_load

# What makes other columns of a file: what was chosen for those before is no longer meant.
RESETTING = ("sheet", "header_line", "encoding")
ENCODINGS = {
    "utf-8": "UTF-8",
    "cp1252": "Windows-1252 (Western Europe)",
    "cp1250": "Windows-1250 (Central Europe)",
}
SIGNS = {",": "comma: 1.234,50", ".": "point: 1,234.50"}
LINES_SHOWN = 60
EXAMPLES = 50


@require_http_methods(["GET", "HEAD", "POST"])
@may_load
def file_columns(request: PageRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(FileImport.objects.select_related("site", "supplier"), pk=pk)
    if found.status not in SETTLED:
        return redirect("file-import", pk=pk)
    part, checks = bool(request.htmx), "check" in request.POST
    template = "procurement/_file_choice.html" if part and not checks else "procurement/file_columns.html"
    chosen = _chosen(request) if request.method == "POST" else choice_of(found)
    try:
        proposed = choice_propose(file_import=found, chosen=chosen)
    except FileError as error:
        context = {
            "file": found,
            "unreadable": str(error),
            "sheets": sheet_names(file_import=found),
            "tried": chosen.sheet,
        }
        return render(request, template, context, status=200 if part else 422)
    if checks:
        try:
            with transaction.atomic():
                choice_save(file_import=found, proposed=proposed, by=request.user)
                file_wake(found)
            return redirect("file-import", pk=pk)
        except FileError as error:
            messages.error(request, str(error))
    return render(request, template, _context(request, found, proposed), status=422 if checks else 200)


def _chosen(request: PageRequest) -> Choice:
    sent = request.POST
    line, encoding = sent.get("header_line", ""), sent.get("encoding", "")
    choice = Choice(
        sheet=sent.get("sheet", "")[:100],
        header_line=int(line) if line.isascii() and line.isdigit() and len(line) < 9 else 0,
        encoding=encoding if encoding in ENCODINGS else "",
    )
    changed = [
        name for name in RESETTING if sent.get(name, "") != sent.get(f"was_{name}", sent.get(name, ""))
    ]
    if changed:
        return Choice(sheet=choice.sheet) if "sheet" in changed else choice
    sign = sent.get("decimal_sign", "")
    columns = {
        name.removeprefix("column-"): header
        for name, header in sent.dict().items()
        if name.startswith("column-")
    }
    return Choice(
        sheet=choice.sheet,
        header_line=choice.header_line,
        encoding=choice.encoding,
        columns={name: header for name, header in columns.items() if header} if columns else None,
        decimal_sign=sign if sign in SIGNS else "",
        month_first={"mdy": True, "dmy": False}.get(sent.get("dates", "")),
    )


def _context(request: PageRequest, found: FileImport, proposed: Proposed) -> dict[str, Any]:
    kind, choice = KINDS[found.kind], proposed.choice
    below = proposed.sample.below(choice.header_line)
    asked = request.POST.get("example", "")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 7 else 0
    example = number - 1 if 0 < number <= len(below) else 0
    fields = fields_sample(
        proposed.sample,
        kind,
        choice.columns or {},
        choice.header_line,
        proposed.reading(today_of(found)),
        example,
    )
    used = set((choice.columns or {}).values())
    return {
        "file": found,
        "proposed": proposed,
        "choice": choice,
        "fields": fields,
        "missing": proposed.missing(kind),
        "twice": proposed.twice(),
        "ignored": [header for header in proposed.headers if header not in used],
        "example": example + 1,
        "example_line": below[example][0] if below else None,
        "examples": [(at, line) for at, (line, _) in enumerate(below[:EXAMPLES], start=1)],
        "signs": SIGNS,
        "encodings": ENCODINGS,
        "lines": [
            (line, " · ".join(filter(None, cells))[:LINES_SHOWN])
            for line, cells in proposed.sample.rows[:HEADER_WITHIN]
        ],
    }
