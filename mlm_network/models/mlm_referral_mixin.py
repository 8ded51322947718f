# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.http import request

from .ir_http import REFERRAL_COOKIE


class MlmReferralMixin(models.AbstractModel):
    """What a visitor who followed an agent's link brings about: it carries the agent's code, as a text.

    Not among the tracking fields of Odoo's ``utm.mixin``: those go to models of all kinds, and a relation among them
    would make a contact of whatever stands in the link.
    """
    _name = 'mlm.referral.mixin'
    _description = 'Brought by an Agent\'s Link'

    mlm_referral_code = fields.Char(
        string='Code of the Link', copy=False, index='btree_not_null',
        help='The agent\'s code in the link by which the customer came, or that the customer named. It decides who is '
             'credited if the customer has no agent. A code that nobody has, or whose agent left, stays as a text.')

    @api.model
    def default_get(self, fields):
        values = super().default_get(fields)
        if 'mlm_referral_code' in fields and not values.get('mlm_referral_code'):
            code = request and request.cookies.get(REFERRAL_COOKIE)
            if code and self._mlm_is_visitor(request.env.user):
                values['mlm_referral_code'] = code[:40]
        return values

    def _mlm_is_visitor(self, user):
        """Whether what this user does may be credited to a link: staff and agents do not come by links."""
        # sudo: a visitor may not read contacts; only the own state is asked
        return user._is_public() or (user.share and user.sudo().commercial_partner_id.mlm_agent_state == 'none')

    def _mlm_agents_of_codes(self):
        """Who is named by the codes of these records and may take on people: ``{record: agent}``."""
        nobody = self.env['res.partner']
        agents = nobody._mlm_find_by_code(self.mapped('mlm_referral_code'))
        if not agents:
            return dict.fromkeys(self, nobody)
        result = {}
        for record in self:
            agent = agents.get((record.mlm_referral_code or '').strip().upper(), nobody)
            # sudo: only compares companies
            company = agent.sudo().company_id
            fits = not company or not record.company_id or company in record.company_id | record.company_id.sudo().parent_ids
            result[record] = agent if fits else agent.browse()
        return result
