"""The course of an item's stock as inline SVG, stretched to any width: words stand around it, not in it."""

from collections.abc import Callable, Sequence
from datetime import datetime
from decimal import Decimal

from django import template
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from procurement.stock_course import Course, Step
from suppliers.packing import plain

register = template.Library()

WIDTH, HEIGHT, NOW_AT = 1000.0, 200.0, 600.0
MARGIN = 6.0


@register.simple_tag
def course_picture(course: Course) -> SafeString:
    """What was known up to the line of now, what is expected after it; what comes and goes as strokes."""
    x, y = _across(course), _up(course)
    past = [*course.past, Step(course.now, course.past[-1].on_hand)] if course.past else []
    past_line = _stairs(past, x, y)
    ahead_line = _stairs([*course.ahead, Step(course.ends, course.ahead[-1].on_hand)], x, y)
    return format_html(
        '<svg class="course" viewBox="0 0 1000 200" preserveAspectRatio="none" role="img" aria-label="{}">'
        '<rect class="course-ahead-bed" x="600" width="400" height="200"/>{}'
        '<path class="course-area" d="{}"/><path class="course-zero" d="M0 {zero}H1000"/>'
        '<path class="course-past" d="{}"/><path class="course-ahead" d="{}"/>{}'
        '<path class="course-now" d="M600 0V200"/></svg>',
        _label(course),
        _below_zero(course, y),
        f"{past_line}V{y(Decimal(0)):.1f}H{x(past[0].at):.1f}Z" if past else "",
        past_line,
        ahead_line,
        _strokes(course.ahead, x, y),
        zero=f"{y(Decimal(0)):.1f}",
    )


def _across(course: Course) -> Callable[[datetime], float]:
    before = (course.now - course.begins).total_seconds()
    after = (course.ends - course.now).total_seconds()

    def x(at: datetime) -> float:
        if at <= course.now:
            return NOW_AT * max(0.0, (at - course.begins).total_seconds() / before)
        return NOW_AT + (WIDTH - NOW_AT) * min(1.0, (at - course.now).total_seconds() / after)

    return x


def _up(course: Course) -> Callable[[Decimal], float]:
    span = float(course.highest - course.lowest) or 1.0

    def y(on_hand: Decimal) -> float:
        return MARGIN + (HEIGHT - 2 * MARGIN) * float(course.highest - on_hand) / span

    return y


def _stairs(steps: Sequence[Step], x: Callable[[datetime], float], y: Callable[[Decimal], float]) -> str:
    if not steps:
        return ""
    first, *others = steps
    path = [f"M{x(first.at):.1f} {y(first.on_hand):.1f}"]
    path += [f"H{x(step.at):.1f}V{y(step.on_hand):.1f}" for step in others]
    return "".join(path)


def _below_zero(course: Course, y: Callable[[Decimal], float]) -> SafeString:
    if course.lowest_ahead >= 0:
        return SafeString("")
    top = y(Decimal(0))
    return format_html(
        '<rect class="course-short" x="600" y="{}" width="400" height="{}"/>',
        f"{top:.1f}",
        f"{HEIGHT - top:.1f}",
    )


def _strokes(
    steps: Sequence[Step], x: Callable[[datetime], float], y: Callable[[Decimal], float]
) -> SafeString:
    return format_html_join(
        "",
        '<path class="course-{}" d="M{} {}V{}"><title>{}</title></path>',
        (
            (
                "in" if step.change > 0 else "out",
                f"{x(step.at):.1f}",
                f"{y(step.on_hand - step.change):.1f}",
                f"{y(step.on_hand):.1f}",
                f"{timezone.localtime(step.at):%d %b}: {step.words} {plain(abs(step.change))},"
                f" then {plain(step.on_hand)}",
            )
            for step in steps
            if step.change
        ),
    )


def _label(course: Course) -> str:
    figures = [step.on_hand for step in course.past] or [course.ahead[0].on_hand]
    return (
        f"Stock from {timezone.localtime(course.begins):%d %B} until now between {plain(min(figures))} and"
        f" {plain(max(figures))}; expected until {timezone.localtime(course.ends):%d %B}: from"
        f" {plain(course.ahead[0].on_hand)} to {plain(course.ahead[-1].on_hand)}, at the least"
        f" {plain(course.lowest_ahead)}."
    )
