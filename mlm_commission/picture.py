# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""A small network as a picture: who stands under whom, who sold what, who gets how much. SVG, drawn by code."""
from dataclasses import dataclass

from markupsafe import Markup

WIDTH, HEIGHT, GAP, RISE, EDGE = 184, 72, 16, 22, 4
MOST = 60  # above this a picture shows nothing that can be read


@dataclass(frozen=True)
class Node:
    """One agent.

    :param str name: unique in the picture
    :param str above: name of the sponsor; empty at the top
    :param str terms: what was agreed, such as a rate or a rank
    :param str sold: what the agent sold, as text; empty for nothing
    :param str amount: what the agent gets, as text; empty for nothing
    :param bool active: whether the agent is active
    """

    name: str
    above: str = ''
    terms: str = ''
    sold: str = ''
    amount: str = ''
    active: bool = True


def draw(nodes, title=''):
    """Draw a network from the top downward.

    :param nodes: list of :class:`Node`; whoever is above comes in the list too
    :param str title: what a screen reader says
    :return: Markup of an SVG, empty if there is nobody, or too many to be readable
    """
    if not nodes or len(nodes) > MOST:
        return Markup()
    places = _places(nodes)
    width = max(x for x, _y in places.values()) + WIDTH + EDGE
    height = max(y for _x, y in places.values()) + HEIGHT + EDGE
    parts = [Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" class="o_mlm_picture" viewBox="0 0 %d %d" width="%d" height="%d" '
        'role="img" font-family="sans-serif" style="max-width: 100%%; height: auto"><title>%s</title>'
    ) % (width, height, width, height, title)]
    parts += [_edge(places[node.above], places[node.name]) for node in nodes if node.above in places]
    parts += [_box(node, *places[node.name]) for node in nodes]
    return Markup().join([*parts, Markup('</svg>')])


def _places(nodes):
    """Return {name: (x, y)}: leaves side by side, everybody else centred above those below."""
    below, names = {}, {node.name for node in nodes}
    for node in nodes:
        below.setdefault(node.above if node.above in names else '', []).append(node.name)
    order, todo = [], [(name, 0) for name in reversed(below.get('', []))]
    depth = {}
    while todo:  # no recursion: a chain may be long
        name, level = todo.pop()
        depth[name] = level
        order.append(name)
        todo += [(child, level + 1) for child in reversed(below.get(name, []))]
    x, free = {}, EDGE
    for name in order:
        if name not in below:
            x[name], free = free, free + WIDTH + GAP
    for name in reversed(order):
        if name in below:
            x[name] = (x[below[name][0]] + x[below[name][-1]]) // 2
    return {name: (x[name], EDGE + depth[name] * (HEIGHT + RISE)) for name in order}


def _edge(above, below):
    x1, y1 = above[0] + WIDTH // 2, above[1] + HEIGHT
    x2, y2 = below[0] + WIDTH // 2, below[1]
    middle = (y1 + y2) // 2
    return Markup('<path d="M%d %dV%dH%dV%d" fill="none" stroke="#adb5bd" stroke-width="2"/>') % (x1, y1, middle, x2, y2)


def _box(node, x, y):
    paid = bool(node.amount)
    stroke, fill = ('#28a745', '#eaf7ee') if paid else ('#adb5bd', '#f8f9fa')
    lines = [Markup('<text x="%d" y="%d" font-size="14" font-weight="bold" fill="#212529">%s</text>') % (
        x + 12, y + 22, _short(node.name, 20))]
    if node.terms:
        lines.append(Markup('<text x="%d" y="%d" font-size="11" fill="#6c757d">%s</text>') % (
            x + 12, y + 39, _short(node.terms, 28)))
    if node.sold:
        lines.append(Markup('<text x="%d" y="%d" font-size="11" fill="#0b7285">%s</text>') % (
            x + 12, y + 60, _short(node.sold, 19)))
    lines.append(Markup(
        '<text x="%d" y="%d" font-size="14" font-weight="bold" text-anchor="end" fill="%s">%s</text>'
    ) % (x + WIDTH - 12, y + 60, '#1e7e34' if paid else '#868e96', node.amount or '–'))
    return Markup(
        '<g><rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" stroke="%s" stroke-width="2"%s/>%s</g>'
    ) % (x, y, WIDTH, HEIGHT, fill, stroke, Markup('') if node.active else Markup(' stroke-dasharray="5 4"'),
         Markup().join(lines))


def _short(text, most):
    return text if len(text) <= most else text[:most - 1] + '…'
