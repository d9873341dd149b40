"""What a browser would send back if somebody pressed Save on an admin page as it is."""

from typing import Any

from django.http import HttpResponse


def form_data(page: HttpResponse) -> dict[str, Any]:
    context = page.context
    data: dict[str, Any] = {}
    forms = [context["adminform"].form]
    for inline in context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    for form in forms:
        for bound in form:
            value = bound.value()
            if value is None or value is False:
                continue
            decompress = getattr(bound.field.widget, "decompress", None)
            if decompress and hasattr(bound.field.widget, "widgets_names"):
                for suffix, part in zip(bound.field.widget.widgets_names, decompress(value), strict=True):
                    data[bound.html_name + suffix] = "" if part is None else str(part)
            else:
                data[bound.html_name] = value if isinstance(value, list) else str(value)
    return data
