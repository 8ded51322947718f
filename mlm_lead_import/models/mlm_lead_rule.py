# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError


class MlmLeadRule(models.Model):
    """Which agents get which leads. The first rule in order that fits and has somebody free decides."""
    _name = 'mlm.lead.rule'
    _description = 'Rule for Handing Out Leads'
    _order = 'sequence, id'

    name = fields.Char(required=True)
    sequence = fields.Integer(default=10)
    active = fields.Boolean(default=True)
    company_id = fields.Many2one('res.company', default=lambda self: self.env.company)
    source_ids = fields.Many2many('mlm.lead.source', string='Sources', help='Empty: all.')
    zip_areas = fields.Char(
        string='Postal Codes',
        help='Beginnings of postal codes, separated by commas, or from..to: "50, 51100..51399, 00-0". Empty: all.')
    country_ids = fields.Many2many('res.country', string='Countries', help='Empty: all.')
    lang_ids = fields.Many2many('res.lang', string='Languages', help='Empty: all.')
    interests = fields.Char(help='Words, separated by commas, one of which the interest of the lead must hold. Empty: all.')
    rank_min = fields.Integer(
        string='From Rank Level', help='Agents of this rule below this rank get none of its leads. 0: no rank needed.')
    rank_max = fields.Integer(
        string='To Rank Level', help='Agents of this rule above this rank get none of its leads. 0: no limit.')
    has_ranks = fields.Boolean(compute='_compute_has_ranks')
    by_results = fields.Boolean(
        string='More to Who Reacts',
        help='Agents who contacted more of their leads of the last 90 days in time get more of them.')
    member_ids = fields.One2many('mlm.lead.rule.member', 'rule_id', string='Agents', copy=True)

    _check_ranks = models.Constraint(
        'CHECK (rank_min >= 0 AND rank_max >= 0 AND (rank_max = 0 OR rank_min <= rank_max))',
        'Rank levels are 0 or more, and the first is not above the last.')

    # === COMPUTE METHODS === #

    def _compute_has_ranks(self):
        """Ranks come with an addon that this one does not need."""
        self.has_ranks = 'mlm.rank' in self.env

    # === CONSTRAINTS === #

    @api.constrains('zip_areas')
    def _check_zip_areas(self):
        for rule in self:
            for area in rule._get_areas():
                low, _dots, high = area.partition('..')
                if not low or ('..' in area and (not high or len(low) != len(high) or low > high)):
                    raise ValidationError(self.env._(
                        'Rule %(rule)s: "%(area)s" is no area of postal codes. Write the beginning of the code (50), or from..to '
                        'with the same number of digits (51100..51399).', rule=rule.name, area=area))

    # === BUSINESS METHODS === #

    def _ranked(self, agents):
        """:return: those of the agents whose rank the rule allows"""
        self.ensure_one()
        if not self.rank_min and not self.rank_max:
            return agents
        return agents.filtered(lambda agent: self.rank_min <= agent._mlm_rank_level() <= (self.rank_max or float('inf')))

    def _get_areas(self):
        return [re.sub(r'[^0-9A-Z.]', '', area.upper()) for area in (self.zip_areas or '').split(',') if area.strip()]

    def _fits(self, lead):
        """Whether the rule is for this lead; what a lead does not tell fits no restriction."""
        self.ensure_one()
        if self.company_id and lead.company_id and self.company_id != lead.company_id:
            return False
        if self.source_ids and lead.mlm_lead_source_id not in self.source_ids:
            return False
        if self.country_ids and lead.country_id not in self.country_ids:
            return False
        if self.lang_ids and lead.lang_id not in self.lang_ids:
            return False
        interest = (lead.mlm_interest or '').casefold()
        words = [word.strip().casefold() for word in (self.interests or '').split(',') if word.strip()]
        if words and not any(word in interest for word in words):
            return False
        code = re.sub(r'[^0-9A-Z]', '', (lead.zip or '').upper())
        return not self.zip_areas or any(
            code.startswith(area) if '..' not in area
            else area.partition('..')[0] <= code[:len(area.partition('..')[0])] <= area.partition('..')[2]
            for area in self._get_areas() if code)
