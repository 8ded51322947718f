# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Amounts over time as bars. SVG, drawn by code, so that it is there without JavaScript and in print."""
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT, LEFT, TOP, BOTTOM = 480, 180, 4, 18, 22


@dataclass(frozen=True)
class Bar:
    """One amount.

    :param str label: what it is of, short
    :param float amount: may be below zero
    :param str text: the amount for people
    :param bool estimate: whether it may still change
    """

    label: str
    amount: float
    text: str
    estimate: bool = False


def draw(bars, title=''):
    """Draw bars from the left to the right; what is below zero hangs from the line.

    :param list bars: of :class:`Bar`
    :param str title: what a screen reader says; the amounts belong into a table beside the picture
    :return: Markup of an SVG, empty without bars
    """
    if not bars:
        return Markup()
    top, bottom = max(0, *(bar.amount for bar in bars)), min(0, *(bar.amount for bar in bars))
    scale = (HEIGHT - TOP - BOTTOM) / ((top - bottom) or 1)
    zero = TOP + top * scale
    step = (WIDTH - 2 * LEFT) / max(len(bars), 4)
    parts = [Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="o_mlm_chart" viewBox="0 0 %d %d" role="img" font-family="sans-serif" '
        'font-size="11" style="width: 100%%; max-width: 38rem; height: auto"><title>%s</title>'
    ) % (WIDTH, HEIGHT, title)]
    for number, bar in enumerate(bars):
        parts.append(_bar(bar, LEFT + number * step, step, zero, bar.amount * scale))
    parts.append(Markup('<path d="M%d %.1fH%d" stroke="#6c757d"/>') % (LEFT, zero, WIDTH - LEFT))
    highest = max(bars, key=lambda bar: bar.amount)
    if highest.amount > 0:
        place = LEFT + (bars.index(highest) + .5) * step
        # Beside an edge the text would be cut off.
        anchor = 'start' if place < 40 else 'end' if place > WIDTH - 40 else 'middle'
        place = {'start': LEFT, 'end': WIDTH - LEFT}.get(anchor, place)
        parts.append(Markup('<text x="%.1f" y="%d" text-anchor="%s" fill="#495057">%s</text>') % (
            place, TOP - 6, anchor, highest.text))
    return Markup().join([*parts, Markup('</svg>')])


def _bar(bar, x, step, zero, height):
    """One bar with its label and, for who points at it, its amount."""
    colour = '#dc3545' if bar.amount < 0 else '#f0ad4e' if bar.estimate else '#5b8def'
    return Markup(
        '<g><title>%s: %s</title><rect x="%.1f" y="%.1f" width="%.1f" height="%.1f" rx="2" fill="%s"/>'
        '<text x="%.1f" y="%d" text-anchor="middle" fill="#6c757d">%s</text></g>'
    ) % (bar.label, bar.text, x + step * .15, min(zero, zero - height), step * .7, abs(height), colour,
         x + step / 2, HEIGHT - 6, bar.label)
