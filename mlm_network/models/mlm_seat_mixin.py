# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models
from odoo.exceptions import ValidationError
from odoo.fields import Date, Domain
from odoo.tools import SQL

from ..const import OPEN_STATES
from ..tools.seats import first_free_seat, free_seats, outer_end, sql_legs
from ..tools.tree import read_edges, walk_up

BATCH = 100


class MlmSeatMixin(models.AbstractModel):
    """Who may sit where in the placement tree, and finding a seat.

    Part of ``res.partner``; apart only to keep files short.
    """
    _name = 'mlm.seat.mixin'
    _description = 'Seat in the Placement Tree'

    # --- checks ---

    def _mlm_check_seat(self, vals):
        """Refuse a seat that does not exist, is taken, or is not to be had by these agents."""
        above = self.browse(vals.get('mlm_placement_id') or [])
        for agent in self:
            names = {'agent': agent.display_name, 'above': above.display_name}
            if vals['mlm_placed'] and not agent.mlm_placed and vals['mlm_agent_state'] not in OPEN_STATES:
                raise ValidationError(self.env._(
                    '%(agent)s cannot be placed, being no active agent. Change the state first.', **names))
            if above:
                agent._mlm_check_above(above, vals['mlm_placement_slot'], names)

    def _mlm_check_above(self, above, seat, names):
        self.ensure_one()
        if not above.mlm_placed:
            raise ValidationError(self.env._(
                '%(agent)s cannot be placed under %(above)s, who has no seat. Place %(above)s first.', **names))
        own, other = self.sudo().company_id, above.sudo().company_id  # only compares companies
        if own and other and own not in other.parent_ids | other and other not in own.parent_ids:
            raise ValidationError(self.env._(
                '%(agent)s and %(above)s belong to different companies. Choose a seat in the own company.', **names))
        width = self._mlm_placement_company().mlm_placement_width
        if not 1 <= seat <= width:
            raise ValidationError(self.env._(
                'There is no seat %(seat)s under %(above)s, only %(width)s.', seat=seat, width=width, **names))
        # Whoever holds the seat holds it, even if the user may not read it; the name is left out then.
        holder = self.env['res.partner'].sudo().with_context(active_test=False).search(
            [('mlm_placement_id', '=', above.id), ('mlm_placement_slot', '=', seat), ('id', '!=', self.id)], limit=1)
        if holder:
            visible = holder.sudo(self.env.su)._filtered_access('read')
            raise ValidationError(self.env._(
                'Seat %(seat)s under %(above)s is taken by %(holder)s. Choose another one.', seat=seat,
                holder=visible.display_name or self.env._('another contact'), **names))
        self.env['mlm.placement']._check_free_since(self, above, seat)

    def _mlm_check_branch(self, vals):
        """Refuse to move who has people below, unless the whole branch is meant to move along."""
        if self.env.context.get('mlm_with_branch'):
            return
        for agent in self.filtered('mlm_placed'):
            below = self.env['res.partner'].sudo().with_context(active_test=False).search_count(
                [('mlm_placement_id', '=', agent.id)], limit=1)
            if below and vals.get('mlm_placed', True):
                raise ValidationError(self.env._(
                    '%(agent)s has people below in the placement tree, who would move along. Confirm that the whole branch is '
                    'meant to move.', agent=agent.display_name))

    # --- finding a seat ---

    def _mlm_placement_company(self):
        """The company whose placement holds for a contact."""
        self.ensure_one()
        # Only settings of the placement are read, which are no secret.
        return self.sudo().company_id or self.env.company.sudo()

    def _mlm_seat_name(self, seat):
        """What people call a seat: left and right where there are two."""
        if not seat:
            return False
        # A contact that is not there yet has the seats of the current company.
        company = self._mlm_placement_company() if self else self.env.company
        if company.mlm_placement_width == 2:
            return self.env._('Left') if seat == 1 else self.env._('Right')
        return self.env._('Seat %s', seat)

    @api.private
    def _mlm_find_seat(self):
        """Find a free seat below self as its company places agents.

        :return: (`res.partner` record above, seat)
        """
        self.ensure_one()
        company = self._mlm_placement_company()
        if not company._mlm_has_two_legs():
            above, seat = first_free_seat(self.env['res.partner'], self.id, company.mlm_placement_width)
        else:
            if company.mlm_placement_strategy == 'outer':
                seat = 2 if self.mlm_placement_leg == 'right' else 1
            else:
                weights = self._mlm_leg_weights(company.mlm_placement_strategy)
                seat = min((1, 2), key=lambda seat: (weights.get(seat, -1), seat))
            return self._mlm_outer_seat(seat)
        return self.browse(above), seat

    @api.private
    def _mlm_outer_seat(self, seat):
        """The free seat at the outer end of the leg that begins in a seat under self.

        :return: (`res.partner` record above, seat)
        """
        self.ensure_one()
        return self.browse(outer_end(self.env['res.partner'], self.id, seat)), seat

    @api.private
    def _mlm_free_seat(self):
        """The first free seat directly under self.

        :raise ValidationError: if all are taken
        """
        self.ensure_one()
        seats = free_seats(self.env['res.partner'], self.id, self._mlm_placement_company().mlm_placement_width)
        if not seats:
            raise ValidationError(self.env._(
                'All seats under %s are taken. Choose one of those who sit there, or have the seat found.', self.display_name))
        return seats[0]

    def _mlm_leg_weights(self, strategy):
        """How heavy the legs below self are, for a strategy that looks for the weaker one.

        :return: {seat: number}; a leg without anybody is left out
        """
        return dict(self.env.execute_query(SQL(
            'SELECT seat, count(*) FROM (%s) AS leg GROUP BY seat', sql_legs(self.env['res.partner'], self.id))))

    # --- placing ---

    def _mlm_settle(self):
        """Place agents who have just become active as their company does it, or have them wait."""
        for agent in self:
            company = agent._mlm_placement_company()
            if company.mlm_placement_strategy in ('off', 'manual'):
                continue
            if company.mlm_placement_hold_days:
                agent.mlm_placement_deadline = Date.add(
                    Date.context_today(self), days=company.mlm_placement_hold_days)
            else:
                agent._mlm_place_by_itself()

    @api.private
    def _mlm_place_by_itself(self, at_the_top=False):
        """Seat one agent below the sponsor. Whose sponsor has no seat yet waits.

        :param bool at_the_top: pass over sponsors without a seat, and begin a tree if there is no other
        :return: whether the agent has a seat now
        """
        self.ensure_one()
        above = self._mlm_nearest_placed()
        if self.mlm_sponsor_id and above != self.mlm_sponsor_id and not at_the_top:
            return False
        place = {'mlm_placement_id': False, 'mlm_placement_slot': 0}
        if above:
            holder, seat = above._mlm_find_seat()
            place = {'mlm_placement_id': holder.id, 'mlm_placement_slot': seat}
        self.write({**place, 'mlm_placed': True})
        return True

    def _mlm_nearest_placed(self):
        """The nearest sponsor above self who has a seat."""
        # Where sponsors sit decides, also if the user may not read them.
        people = self.env['res.partner'].sudo()
        upline = people.browse(walk_up(read_edges(self, self.ids), self.id))
        return next((sponsor for sponsor in upline if sponsor.mlm_placed), people).sudo(self.env.su)

    @api.model
    def _mlm_waiting_domain(self):
        return Domain('mlm_agent_state', 'in', OPEN_STATES) & Domain('mlm_placed', '=', False)

    @api.model
    def _mlm_cron_place(self):
        """Seat everybody whose time to choose has passed, sponsors before their recruits."""
        cron = self.env['ir.cron']
        for company in self.env['res.company'].search([('mlm_placement_strategy', 'not in', ('off', 'manual'))]):
            # Archived agents keep their place, so they get a seat, too.
            agents = self.env['res.partner'].with_company(company).with_context(active_test=False)
            own = agents._mlm_waiting_domain() & Domain('company_id', 'in', (False, company.id))
            today = Date.context_today(self)
            if company.mlm_placement_hold_days:
                agents.search(own & Domain('mlm_placement_deadline', '=', False)).mlm_placement_deadline = Date.add(
                    today, days=company.mlm_placement_hold_days)
                own &= Domain('mlm_placement_deadline', '<', today)
            else:
                own &= Domain('mlm_placement_deadline', '=', False) | Domain('mlm_placement_deadline', '<', today)
            seated = Domain('mlm_sponsor_id', '=', False) | Domain('mlm_sponsor_id.mlm_placed', '=', True)
            while due := agents.search(own & seated, limit=BATCH, order='id') or agents.search(own, limit=1, order='id'):
                for agent in due:
                    agent._mlm_place_by_itself(at_the_top=True)
                # Each batch by itself: what has a seat keeps it if a later one fails.
                if not cron._commit_progress(len(due), remaining=agents.search_count(own)):
                    return
