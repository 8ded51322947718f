# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmLeadAssignment(models.Model):
    """Who got a lead, when, why, and what became of it: the record of handing over somebody's data."""
    _name = 'mlm.lead.assignment'
    _description = 'Handing Over of a Lead'
    _order = 'date desc, id desc'
    _rec_name = 'agent_id'

    lead_id = fields.Many2one('crm.lead', required=True, index=True, ondelete='cascade')
    agent_id = fields.Many2one('res.partner', string='Agent', required=True, index=True, ondelete='cascade')
    rule_id = fields.Many2one('mlm.lead.rule', index='btree_not_null', ondelete='set null')
    reason = fields.Selection(
        [('code', 'Own link'), ('customer', 'Own customer'), ('rule', 'Rule'), ('manual', 'By hand')], required=True)
    date = fields.Datetime(required=True, default=fields.Datetime.now, index=True)
    deadline = fields.Datetime()
    result = fields.Selection(
        [('open', 'Open'), ('contacted', 'Contacted'), ('expired', 'Not in time'), ('declined', 'Given back'),
            ('moved', 'Moved')],
        required=True, default='open')
    date_end = fields.Datetime(string='Ended')
    notice = fields.Char(help='How the agent was told.')
