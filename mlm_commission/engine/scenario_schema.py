# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The fields of a scenario file and their JSON Schema."""

from .i18n import _
from .params import Param, object_schema
from .schema import plan_schema

AGENT = (
    Param('name', 'text', _('Name')),
    Param('sponsor', 'text', _('Sponsor'), _('Name of the sponsor; empty for none.'), default=''),
    Param('active', 'boolean', _('Active'), default=True),
    Param('agreement', 'boolean', _('Agreement'), _('Whether the agent has one.'), default=True),
    Param('rate', 'percent', _('Own rate'), default='0'),
    Param('rank', 'integer', _('Rank'), _('-1: none. Left out if the plan has ranks.'), default=-1,
          min=-1, max=32767),
    Param('highest', 'integer', _('Highest rank before'), _('-1: none.'), default=-1, min=-1,
          max=32767),
    Param('shares', 'integer', _('Shares in pools'), default=0, min=0),
    Param('placement', 'text', _('Placed under'), _('Name; empty for none.'), default=''),
    Param('seat', 'integer', _('Seat'), _('0 is left.'), default=0, min=0),
)
SALE = (
    Param('id', 'integer', _('Number'), min=1),
    Param('seller', 'text', _('Seller'), _('Name of the agent.')),
    Param('net', 'amount', _('Net amount'), default='0', min='-100000000000000'),
    Param('margin', 'amount', _('Margin'), default='0', min='-100000000000000'),
    Param('points', 'points', _('Points'), default='0', min='-100000000000000'),
    Param('quantity', 'quantity', _('Quantity'), default='0', min='-100000000000000'),
    Param('total', 'amount', _('Valuation sum'), default='0', min='-100000000000000'),
)
REVERSAL = (
    Param('id', 'integer', _('Number'), _('Of the adjustment.'), min=1),
    Param('sale', 'integer', _('Sale'), _('Number of the sale that is taken back.'), min=1),
    Param('amount', 'amount', _('Amount'), _('How much of the net amount; negative to undo.'),
          min='-100000000000000'),
)


def scenario_schema():
    """Return the JSON Schema of a scenario file."""
    sale = object_schema(SALE)
    sale['properties']['attributes'] = {'type': 'object',
                                        'additionalProperties': {'type': 'integer'}}
    money = {'type': 'object', 'additionalProperties': {'type': ['string', 'number']}}
    expected = {'type': 'object', 'additionalProperties': False, 'properties': {
        'agents': money, 'total': {'type': ['string', 'number']},
        'ranks': {'type': 'object', 'additionalProperties': {'type': ['string', 'null']}},
        'refused': {'type': 'string'}}}
    period = {
        'sales': {'type': 'array', 'items': sale},
        'reversals': {'type': 'array', 'items': object_schema(REVERSAL)},
        'expected': {**expected, 'description': 'Amounts by name of the agent, "" for the company; '
                     'agents with nothing may be left out. refused: path of the field for which '
                     'the plan must be refused.'}}
    text = {'type': 'string'}
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema', 'title': 'Scenario',
        'type': 'object', 'additionalProperties': False, 'required': ['agents', 'plan'],
        'properties': {
            'title': text, 'source': text, 'note': text,
            'agents': {'type': 'array', 'items': object_schema(AGENT)},
            # A plan that must be refused is not one that the schema has to accept.
            'plan': {'anyOf': [plan_schema(), {'type': 'object'}]}, **period,
            'periods': {'type': 'array', 'items': {
                'type': 'object', 'additionalProperties': False, 'properties': period}},
        },
    }
