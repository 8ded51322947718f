# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError

CHANNELS = [('email', 'E-mail'), ('sms', 'SMS'), ('phone', 'Phone')]


class MlmConsent(models.Model):
    """Whether a person wants to hear of offers, by which channel: what was declared, when, and in which words.

    A declaration is never changed; the latest one of a channel holds. Silence is no consent.
    """

    _name = 'mlm.consent'
    _description = 'Consent to Messages'
    _order = 'date desc, id desc'
    _rec_name = 'wording'

    partner_id = fields.Many2one('res.partner', string='Contact', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(
        'res.company', required=True, index=True, default=lambda self: self.env.company, help='To whom it was declared.'
    )
    channel = fields.Selection(CHANNELS, required=True)
    accepted = fields.Selection([('yes', 'Yes'), ('no', 'No')], string='Consent', required=True)
    date = fields.Datetime(string='Declared', required=True, default=fields.Datetime.now)
    wording = fields.Char(required=True, help='What was agreed to or objected to, in the words the person saw or used.')
    source = fields.Char(required=True, help='Where it was declared: a form, a letter, a page.')

    def write(self, vals):
        raise UserError(self.env._('A declaration stays as it was made. Enter a new one; the latest holds.'))

    @api.private
    def _mlm_read(self, partners, channel, company):
        """What each contact declared last.

        :param partners: `res.partner` records
        :param str channel: email, sms or phone
        :param company: to whom
        :return: {partner id: 'yes' or 'no'}; who never said anything is missing
        :rtype: dict
        """
        rows = self.sudo().search(  # sudo: whether a message may be sent does not depend on who sends it
            [('partner_id', 'in', partners.ids), ('channel', '=', channel), ('company_id', '=', company.id)], order='date, id'
        )
        return {row.partner_id.id: row.accepted for row in rows}
