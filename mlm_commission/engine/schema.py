# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The JSON Schema of a plan file, made from what the rules declare."""

from . import rules as catalogue
from .activity import ACTIVITY
from .params import object_schema
from .ranks import ladder_schema
from .scope import OVERLAPS
from .settings import ROUNDING, SCHEMA, SETTINGS


def _codes():
    whole = {'type': 'integer'}
    return {'anyOf': [
        {'type': 'array', 'items': whole, 'minItems': 1},
        {'type': 'object', 'properties': {'min': whole, 'max': whole}, 'minProperties': 1,
         'additionalProperties': False},
    ]}


def _scope():
    chosen = {'type': 'object', 'additionalProperties': _codes()}
    return {
        'type': 'object', 'additionalProperties': False,
        'properties': {'only': chosen, 'except': chosen, 'overlap': {'enum': list(OVERLAPS)},
                       'replaces': {'type': 'array', 'items': {'type': 'string'}}},
    }


def _rule(kind):
    return {
        'title': kind.label, 'description': kind.help, 'type': 'object',
        'additionalProperties': False,
        'properties': {'kind': {'const': kind.kind}, 'name': {'type': 'string', 'minLength': 1},
                       'base': {'enum': list(kind.bases)}, 'params': object_schema(kind.params),
                       'scope': _scope()},
        'required': ['kind'],
    }


def plan_schema():
    """Return the JSON Schema (draft 2020-12) of a plan file as a dict."""
    return {
        '$schema': 'https://json-schema.org/draft/2020-12/schema',
        'title': 'Commission plan', 'type': 'object', 'additionalProperties': False,
        'properties': {
            'schema': {'const': SCHEMA}, 'name': {'type': 'string', 'minLength': 1},
            **object_schema(SETTINGS)['properties'], 'rounding': object_schema(ROUNDING),
            'rules': {'type': 'array', 'minItems': 1, 'items': {
                'oneOf': [_rule(catalogue.get(kind)) for kind in catalogue.kinds()]}},
            'ranks': ladder_schema(),
            'activity': object_schema(ACTIVITY),
        },
        'required': ['name', 'rules'],
    }
