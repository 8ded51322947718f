# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import ValidationError

PLACEMENT_STRATEGIES = [
    ('off', 'No placement tree'),
    ('manual', 'By hand, from the holding list'),
    ('spill', 'First free seat below the sponsor'),
    ('outer', 'Outer end of the leg that the sponsor prefers'),
    ('weak_count', 'Outer end of the leg with fewer people'),
]
# Strategies that know a left and a right leg.
TWO_LEGS = ('outer', 'weak_count')


class ResCompany(models.Model):
    _inherit = 'res.company'

    mlm_placement_strategy = fields.Selection(
        PLACEMENT_STRATEGIES, string='Placement', required=True, default='off',
        help='Where agents come to stand in the placement tree, which binary and matrix plans pay by.')
    mlm_placement_width = fields.Integer(
        string='Seats under Each Agent', required=True, default=2,
        help='2 makes a binary tree. It cannot be reduced below a seat that somebody holds or held.')
    mlm_placement_hold_days = fields.Integer(
        string='Days to Choose',
        help='So long a new agent waits for the sponsor or an officer to choose a seat, and is placed by itself afterwards. '
             '0: at once.')
    mlm_change_approval = fields.Boolean(
        string='Second Person for Changes',
        help='A change of an agent\'s sponsor or state takes effect only when another officer approves it.')

    mlm_intake_user_id = fields.Many2one(
        'res.users', string='Who Sorts Out Entries', domain=[('share', '=', False)],
        help='Gets an activity when an agent enters somebody who is known already. Empty: the activity waits at the record.')
    mlm_agent_entries = fields.Integer(
        string='Entries of an Agent', required=True, default=50,
        help='How many customers and inquiries an agent may enter in the portal in 24 hours.')

    mlm_link_entries = fields.Integer(
        string='Forms of a Link', required=True, default=100,
        help='How many inquiries and applications are taken by one agent\'s link in 24 hours. More is rather a machine.')
    mlm_privacy_url = fields.Char(
        string='Privacy Policy', help='The address to which the forms of agents\' links point. Empty: none is shown.')

    mlm_application_terms = fields.Html(
        string='Terms of Cooperation', translate=True,
        help='What somebody who wants to become an agent reads and agrees to. It is kept with the application.')

    mlm_buyback_percent = fields.Float(
        string='Paid for Goods That Come Back (%)', digits=(5, 2), required=True, default=90,
        help='What a leaving agent gets of the price of goods that it gives back. The law or the codes of the trade may ask '
             'for at least 90 %.')
    mlm_buyback_months = fields.Integer(
        string='Bought in the Last Months', required=True, default=12,
        help='How far back the purchases of a leaving agent may lie. The law of Poland asks for 6, codes of the trade for more.')

    _mlm_buyback_check = models.Constraint(
        'CHECK (mlm_buyback_percent > 0 AND mlm_buyback_percent <= 100 AND mlm_buyback_months > 0)',
        'Goods come back at more than 0 and at most 100 percent, within at least one month.')
    _mlm_placement_width_check = models.Constraint(
        'CHECK (mlm_placement_width BETWEEN 2 AND 1000)', 'There are 2 to 1000 seats under each agent.')
    _mlm_placement_hold_days_check = models.Constraint(
        'CHECK (mlm_placement_hold_days >= 0)', 'The days to choose a seat cannot be negative.')

    # === CONSTRAINTS === #

    @api.constrains('mlm_placement_strategy', 'mlm_placement_width')
    def _check_mlm_placement(self):
        for company in self:
            if company._mlm_has_two_legs() and company.mlm_placement_width != 2:
                raise ValidationError(self.env._(
                    '%(company)s: "%(strategy)s" knows a left and a right leg. Set the seats under each agent to 2, or choose '
                    'another way of placement.', company=company.name,
                    strategy=dict(self._fields['mlm_placement_strategy']._description_selection(self.env))[
                        company.mlm_placement_strategy]))
            # The history counts, too: it is what past periods were paid by. Only a name is shown.
            held = self.env['mlm.placement'].sudo().search(
                [('slot', '>', company.mlm_placement_width), ('partner_id.company_id', 'in', (False, company.id))], limit=1)
            if held:
                raise ValidationError(self.env._(
                    '%(company)s cannot have only %(width)s seats under each agent: %(agent)s holds, or held, seat %(seat)s '
                    'under %(above)s. The number of seats is the structure of the network; choose at least %(seat)s.',
                    company=company.name, width=company.mlm_placement_width, agent=held.partner_id.display_name,
                    seat=held.slot, above=held.placement_id.display_name))

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        companies = super().create(vals_list)
        if any('mlm_placement_strategy' in vals for vals in vals_list):
            self._mlm_toggle_placement()
        return companies

    def write(self, vals):
        result = super().write(vals)
        if 'mlm_placement_strategy' in vals:
            self._mlm_toggle_placement()
        return result

    # === BUSINESS METHODS === #

    @api.model
    def _mlm_toggle_placement(self):
        """Show the screens of the placement tree as soon as some company has one."""
        # Whoever may change a company's settings need not be allowed to change groups.
        everybody, group = self.env.ref('base.group_user').sudo(), self.env.ref('mlm_network.group_placement').sudo()
        # A company cannot tell for the others, so all of them are looked at.
        if self.sudo().search_count([('mlm_placement_strategy', '!=', 'off')], limit=1):
            everybody._apply_group(group)
        else:
            everybody._remove_group(group)

    def _mlm_has_two_legs(self):
        self.ensure_one()
        return self.mlm_placement_strategy in TWO_LEGS
