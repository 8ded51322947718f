# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmLeadConsent(models.Model):
    """What a person agreed to, or did not: the wording, the channel, the time. Silence is unknown, never yes."""
    _name = 'mlm.lead.consent'
    _description = 'Consent of a Lead'
    _order = 'lead_id, id'
    _rec_name = 'wording'

    lead_id = fields.Many2one('crm.lead', required=True, index=True, ondelete='cascade')
    event_id = fields.Many2one('mlm.lead.event', index='btree_not_null', ondelete='set null')
    source_id = fields.Many2one('mlm.lead.source', ondelete='set null', index='btree_not_null')
    form = fields.Char()
    key = fields.Char(help='What the vendor calls it.')
    channel = fields.Selection(
        [('phone', 'Phone'), ('sms', 'SMS'), ('email', 'E-mail'), ('other', 'Other')], required=True, default='other')
    accepted = fields.Selection([('yes', 'Yes'), ('no', 'No'), ('unknown', 'Unknown')], required=True, default='unknown')
    wording = fields.Text()
    given_at = fields.Datetime(string='Given')
