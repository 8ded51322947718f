# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models
from odoo.exceptions import AccessError
from odoo.tools import format_date, formatLang


class MlmKeyFiguresMixin(models.AbstractModel):
    """What the tree says of an agent beside the card: key figures, and what cards may be coloured by.

    Part of ``res.partner``. Who knows more of agents than their place adds to both.
    """
    _name = 'mlm.key.figures.mixin'
    _description = 'Key Figures of an Agent'

    @api.readonly
    def mlm_read_figures(self):
        """What the panel beside the tree shows of one agent.

        :return: ``{'id', 'name', 'code', 'state', 'state_label', 'groups': [{'title', 'lines': [[label, text]]}]}``
        :rtype: dict
        """
        self.ensure_one()
        self._mlm_check_staff()
        labels = dict(self._fields['mlm_agent_state']._description_selection(self.env))
        return {
            'id': self.id, 'name': self.display_name, 'code': self.mlm_agent_code or '', 'state': self.mlm_agent_state,
            'state_label': labels[self.mlm_agent_state],
            'groups': [
                {'title': title, 'lines': [[label, text] for label, text in lines if text]}
                for title, lines in self._mlm_key_figures() if any(text for _label, text in lines)],
        }

    @api.model
    @api.readonly
    def mlm_read_color_modes(self):
        """What the cards of the tree can be coloured by: ``[[key, label]]``."""
        return [list(mode) for mode in self._mlm_color_modes()]

    @api.readonly
    def mlm_read_colors(self, mode):
        """By what each card is coloured.

        :param str mode: one of the keys of :meth:`mlm_read_color_modes`
        :return: ``{id: [place in the legend, label]}``; ids that have none are left out
        :rtype: dict
        """
        self._mlm_check_staff()
        return {id_: list(color) for id_, color in self._mlm_colors(mode).items()}

    # --- hooks ---

    @api.private
    def _mlm_key_figures(self):
        """Figures of one agent, as the user may see them.

        :return: ``[(title, [(label, text)])]``; lines without a text are left out
        """
        self.ensure_one()
        return [(self.env._('Place'), [
            (self.env._('Sponsor'), self.mlm_sponsor_id._filtered_access('read').display_name),
            (self.env._('In the network since'), self.mlm_since and format_date(self.env, self.mlm_since)),
            (self.env._('Depth'), str(self.mlm_depth)),
            (self.env._('Frontline'), formatLang(self.env, self.mlm_frontline_count, 0)),
            (self.env._('Agents below'), self.mlm_downline_size),
            (self.env._('Own customers'), formatLang(self.env, self.mlm_customer_count, 0)),
        ])]

    @api.model
    @api.private
    def _mlm_color_modes(self):
        """``[(key, label)]``; the first one is taken at the beginning."""
        return [('state', self.env._('State'))]

    @api.private
    def _mlm_colors(self, mode):
        """``{id: (place in the legend, label)}`` of self."""
        states = self._fields['mlm_agent_state']._description_selection(self.env)
        places = {value: (place, label) for place, (value, label) in enumerate(states)}
        return {partner.id: places[partner.mlm_agent_state] for partner in self}

    # === TOOLING === #

    def _mlm_check_staff(self):
        if not self.env.user._is_internal():
            raise AccessError(self.env._('Only staff may look at the figures of agents here.'))
        self.check_access('read')
