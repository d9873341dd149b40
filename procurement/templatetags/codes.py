"""How many codes wait for somebody who knows what they mean, for the tab that leads to them."""

from django import template

from procurement.code_lists import codes_open

register = template.Library()


@register.simple_tag
def unmatched_count() -> int:
    return codes_open().count()
