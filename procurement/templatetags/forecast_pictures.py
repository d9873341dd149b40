"""A forecast as inline SVG beside what was sold before, stretched to any width: words stand around it, not in it."""

from datetime import date

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from procurement.forecast_course import ForecastCourse, Mark

register = template.Library()

WIDTH, HEIGHT, MARKS = 1000.0, 200.0, 14.0  # the lowest strip is for what is special about days


@register.simple_tag
def forecast_picture(course: ForecastCourse) -> SafeString:
    """A bar a past week; ahead, the range of eight in ten cases with the expected demand in it, as a week's share."""
    return format_html(
        '<svg class="foretold" viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label="{}">{}'
        '<rect class="foretold-range" x="{ahead}" y="{}" width="{rest}" height="{}"/>'
        '<path class="foretold-mean" d="M{ahead} {}H1000"/><path class="course-now" d="M{ahead} 0V200"/>{}</svg>',
        _label(course),
        format_html_join(
            "", '<rect class="foretold-week" x="{}" y="{}" width="{}" height="{}"/>', _bars(course)
        ),
        f"{_up(course, course.high):.1f}",
        f"{max(_up(course, course.low) - _up(course, course.high), 1.0):.1f}",
        f"{_up(course, course.expected):.1f}",
        format_html_join(
            "",
            '<rect class="foretold-{}" x="{}" y="{}" width="{}" height="{}"><title>{}</title></rect>',
            (_strip(course, mark) for mark in course.marks),
        ),
        ahead=f"{_across(course, course.as_of):.1f}",
        rest=f"{WIDTH - _across(course, course.as_of):.1f}",
    )


def _across(course: ForecastCourse, day: date) -> float:
    span = (course.ends - course.begins).days
    return WIDTH * min(max((day - course.begins).days / span, 0.0), 1.0)


def _height(course: ForecastCourse, weekly: float) -> float:
    return (HEIGHT - MARKS - 6) * weekly / course.highest


def _up(course: ForecastCourse, of_all_days: float) -> float:
    return HEIGHT - MARKS - _height(course, course.weekly(of_all_days))


def _bars(course: ForecastCourse) -> list[tuple[str, str, str, str]]:
    if not course.weeks:
        return []
    step = _across(course, course.as_of) / len(course.weeks)
    heights = [_height(course, week) for week in course.weeks]
    return [
        (f"{at * step + 1:.1f}", f"{HEIGHT - MARKS - tall:.1f}", f"{step - 2:.1f}", f"{tall:.1f}")
        for at, tall in enumerate(heights)
    ]


def _strip(course: ForecastCourse, mark: Mark) -> tuple[str, str, str, str, str, str]:
    start, end = _across(course, mark.first), _across(course, mark.last)
    words = f"{mark.name}, {mark.first:%d %b}" + (f" to {mark.last:%d %b}" if mark.last != mark.first else "")
    width = max(end - start, 0.0) + WIDTH / (course.ends - course.begins).days
    return mark.kind, f"{start:.1f}", f"{HEIGHT - MARKS + 4:.1f}", f"{width:.1f}", f"{MARKS - 5:.1f}", words


def _label(course: ForecastCourse) -> str:
    past = (
        f"{len(course.weeks)} weeks, between {min(course.weeks):g} and {max(course.weeks):g}"
        if course.weeks
        else "none"
    )
    return (
        f"Sold a week: {past}. Expected over the next {course.days} days: {course.expected:g}, in eight of ten cases"
        f" between {course.low:g} and {course.high:g}."
    )
