"""Public holidays by country and region, from the library `holidays`."""

from datetime import date
from functools import lru_cache

import holidays


@lru_cache(maxsize=1)
def country_names() -> dict[str, list[str]]:
    """Regions whose holidays are known, by country (ISO 3166-1 alpha-2)."""
    return holidays.list_supported_countries()


def region_names(country: str) -> list[str]:
    return country_names().get(country, [])


@lru_cache(maxsize=1_000)
def _holidays_of(country: str, region: str, year: int) -> dict[date, str]:
    found = holidays.country_holidays(country, subdiv=region or None, years=year)
    return {day: name for day, name in found.items() if day.year == year}


def holidays_between(country: str, region: str, first: date, last: date) -> dict[date, str]:
    """By day, with their names; empty without a country, or where the library no longer knows it."""
    if country not in country_names() or (region and region not in region_names(country)):
        return {}
    years = range(first.year, last.year + 1)
    found = {day: name for year in years for day, name in _holidays_of(country, region, year).items()}
    return {day: name for day, name in sorted(found.items()) if first <= day <= last}
