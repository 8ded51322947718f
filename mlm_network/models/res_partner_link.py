# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models

from ..const import OPEN_STATES


class ResPartner(models.Model):
    """The link by which an agent invites."""
    _inherit = 'res.partner'

    mlm_public_name = fields.Char(
        string='Name on the Invitation', copy=False,
        help='Visitors of the agent\'s link see this name. The agent chooses it in the portal. Empty: none is shown, since '
             'codes can be guessed.')

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _mlm_find_by_code(self, codes):
        """Agents who may take on people, by their codes.

        :param codes: texts as they stood in links; what is none, or nobody's, is left out
        :rtype: dict
        """
        codes = {code.strip().upper() for code in codes if code}
        # sudo: who has a code is told nobody by this; visitors and salespeople of other companies are credited alike.
        # Whoever is archived is not found.
        agents = self.sudo().search([('mlm_agent_code', 'in', list(codes)), ('mlm_agent_state', 'in', OPEN_STATES)]) \
            if codes else self
        return {agent.mlm_agent_code: agent.sudo(self.env.su) for agent in agents}

    def _mlm_link(self):
        """The address of the page to which the agent invites."""
        self.ensure_one()
        return f'{self.get_base_url()}/join/{self.mlm_agent_code}'
