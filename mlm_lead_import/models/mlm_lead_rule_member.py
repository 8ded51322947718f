# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmLeadRuleMember(models.Model):
    _name = 'mlm.lead.rule.member'
    _description = 'Agent of a Rule for Handing Out Leads'
    _order = 'rule_id, sequence, id'
    _rec_name = 'agent_id'

    rule_id = fields.Many2one('mlm.lead.rule', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    agent_id = fields.Many2one(
        'res.partner', string='Agent', required=True, index=True, ondelete='cascade', domain=[('mlm_agent_state', '=', 'active')])
    weight = fields.Integer(default=1, required=True, help='An agent of weight 2 gets twice as many leads as one of weight 1.')
    capacity = fields.Integer(string='Per Day', help='Leads at most. 0: no limit.')
    paused = fields.Boolean(help='On holiday: gets none for now.')

    _agent_uniq = models.UniqueIndex('(rule_id, agent_id)', 'An agent stands in a rule once.')
    _check_numbers = models.Constraint('CHECK (weight > 0 AND capacity >= 0)', 'The weight is 1 or more, the limit 0 or more.')
