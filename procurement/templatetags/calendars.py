"""Words of calendars."""

from django import template

from procurement import calendar_places

register = template.Library()
register.filter("weekday_words", calendar_places.weekday_words)
