# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date


class MlmPlacement(models.Model):
    """The dated history of the placement tree: who sat in which seat under whom."""
    _name = 'mlm.placement'
    _description = 'Placement'
    _inherit = ['mlm.history.mixin']
    _order = 'date_from DESC, id DESC'
    _rec_name = 'partner_id'
    _place = ('placement_id', 'slot')

    placement_id = fields.Many2one(
        'res.partner', string='Placed Under', readonly=True, index='btree_not_null', ondelete='restrict',
        help='Who stood directly above in the placement tree. Empty: the agent stood at its top.')
    slot = fields.Integer(string='Seat', readonly=True, aggregator=None, help='1 is the leftmost seat.')
    seat = fields.Char(string='Seat Name', compute='_compute_seat')

    _seat_taken = models.Constraint(
        'EXCLUDE USING gist (placement_id WITH =, slot WITH =, daterange(date_from, date_to) WITH &&) '
        'WHERE (placement_id IS NOT NULL)',
        'Two agents cannot hold one seat on the same day. Choose another seat, or a later day.',
    )
    # The tree as of a day is read from this index alone.
    _tree_index = models.Index('(partner_id, date_from) INCLUDE (date_to, placement_id, slot)')

    # === COMPUTE METHODS === #

    @api.depends('slot')
    def _compute_seat(self):
        for row in self:
            row.seat = row.partner_id._mlm_seat_name(row.slot)

    # === BUSINESS METHODS === #

    @api.model
    def _get_place(self, partner):
        return (partner.mlm_placement_id.id or None, partner.mlm_placement_slot) if partner.mlm_placed else None

    @api.model
    @api.private
    def _tree_sql(self, on_date):
        """A SELECT of the placement tree as of a day: ``partner_id``, ``placement_id`` (NULL at the top) and ``slot``,
        one row for each agent that had a seat on that day.

        :param date on_date: the day
        :rtype: SQL
        """
        return SQL(
            '''SELECT partner_id, placement_id, slot FROM mlm_placement
                WHERE date_from <= %(day)s AND (date_to IS NULL OR date_to > %(day)s)''',
            day=on_date, to_flush=[self._fields[name] for name in ('partner_id', 'date_from', 'date_to', *self._place)])

    @api.model
    @api.private
    def _check_above_since(self, partners):
        """Refuse a given earlier day on which the agent above had no seat yet."""
        date = self._get_given_date()
        above = partners.mlm_placement_id
        if not date or not above:
            return
        since = {row.partner_id: row.date_from for rows in self._read_last_rows(above).values() for row in rows[:1]}
        for partner in partners.filtered('mlm_placement_id'):
            above = partner.mlm_placement_id
            if since.get(above.id, date) > date:
                raise ValidationError(self.env._(
                    '%(above)s has the present seat only since %(since)s, so %(agent)s cannot be placed there from %(date)s '
                    'on. Choose a later day or another seat.',
                    above=above.display_name, agent=partner.display_name,
                    since=format_date(self.env, since[above.id]), date=format_date(self.env, date)))

    @api.model
    @api.private
    def _check_free_since(self, agent, above, slot):
        """Refuse a seat that somebody else held on the given earlier day or later."""
        date = self._get_given_date()
        # Whoever held it held it, even if the user may not read it; only a day is told.
        held = date and above and self.sudo().search([
            ('placement_id', '=', above.id), ('slot', '=', slot), ('partner_id', '!=', agent.id), ('date_to', '>', date)],
            order='date_to DESC', limit=1)
        if held:
            raise ValidationError(self.env._(
                'Seat %(seat)s under %(above)s was held by somebody else until %(date)s. Choose that day or a later one, or '
                'another seat.', seat=slot, above=above.display_name, date=format_date(self.env, held.date_to)))

    @api.model
    @api.private
    def _check_nobody_below(self, partners):
        """Refuse that ``partners`` give up their seats while somebody is placed, or was placed later, below."""
        found = self.env.execute_query(SQL(
            '''SELECT s.placement_id, s.partner_id FROM mlm_placement s
                WHERE s.placement_id = ANY(%s)
                  AND COALESCE(s.date_to, 'infinity') > COALESCE((
                        SELECT max(COALESCE(e.date_to, 'infinity')) FROM mlm_placement e
                         WHERE e.partner_id = s.placement_id), '-infinity')
                LIMIT 1''',
            partners.ids))
        if found:
            agent, below = partners.browse(found[0])
            raise ValidationError(self.env._(
                '%(below)s is placed under %(agent)s, who must therefore keep the seat. Leave %(agent)s there, or move '
                'everybody below first.', below=below.display_name, agent=agent.display_name))

    @api.model
    @api.private
    def _check_nobody_ever_below(self, partners):
        """Refuse to delete contacts under whom somebody else is placed, or was placed; else delete their own rows."""
        below = self.search([('placement_id', 'in', partners.ids), ('partner_id', 'not in', partners.ids)],
                            order='date_to DESC NULLS FIRST', limit=1)
        if below:
            raise ValidationError(self.env._(
                '%(above)s cannot be deleted: %(contact)s is placed, or was placed, below. Archive %(above)s instead.',
                above=below.placement_id.display_name, contact=below.partner_id.display_name))
        self.search([('partner_id', 'in', partners.ids)]).unlink()

    @api.model
    @api.private
    def _read_uplines(self, on_date, ids):
        """These partners and everybody who stood above any of them on a day, along sponsors and seats alike.

        :return: list of ids
        """
        sponsorships = self.env['mlm.sponsorship']
        return [id_ for id_, in self.env.execute_query(SQL(
            '''WITH RECURSIVE mlm_up(id) AS (
                SELECT unnest(%(ids)s::int[])
                UNION
                SELECT above.id FROM mlm_up u CROSS JOIN LATERAL (
                    SELECT s.sponsor_id FROM mlm_sponsorship s WHERE s.partner_id = u.id AND s.agent_state != 'none'
                       AND (s.date_to IS NULL OR s.date_to > %(day)s)
                    UNION ALL
                    SELECT p.placement_id FROM mlm_placement p WHERE p.partner_id = u.id
                       AND p.date_from <= %(day)s AND (p.date_to IS NULL OR p.date_to > %(day)s)
                ) AS above(id) WHERE above.id IS NOT NULL
            ) SELECT id FROM mlm_up''',
            ids=list(ids), day=on_date,
            to_flush=[self._fields[name] for name in ('partner_id', 'date_from', 'date_to', *self._place)]
            + [sponsorships._fields[name] for name in ('partner_id', 'date_to', *sponsorships._place)]))]
