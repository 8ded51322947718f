# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import date
from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import SPONSOR_STATES
from ..tools.tree import PLACEMENT


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Give the destination one place and one history before everything else is moved over to it."""
        self._mlm_merge_places(src_partners, dst_partner)
        self._mlm_merge_seats(src_partners, dst_partner)
        super()._update_foreign_keys(src_partners, dst_partner)

    def _mlm_merge_places(self, src_partners, dst_partner):
        """Merge places in the network.

        The destination keeps its place, state and code. It takes those of a merged contact where it has
        none itself, and the place of the uppermost where they stand below each other. Everybody below
        any of them comes to stand below the destination, today and in the history.

        :param src_partners: recordset of res.partner that will be deleted
        :param dst_partner: the res.partner that stays
        """
        partners = dst_partner + src_partners
        partners.check_access('write')
        partners._mlm_check_may_change(lambda p: p.mlm_agent_state != 'none')
        # From here on as the one who keeps the history; whoever gets here may merge these contacts.
        self = self.sudo()
        dst_partner, partners = dst_partner.sudo(), partners.sudo()
        rows = self.env['mlm.sponsorship'].search([('partner_id', 'in', partners.ids)])
        used = rows or partners.filtered('mlm_agent_code') or self.env['mlm.sponsorship'].search_count(
            [('sponsor_id', 'in', partners.ids)], limit=1)
        if not used:
            return
        self.env['mlm.network.version']._bump()
        code = next((partner.mlm_agent_code for partner in partners if partner.mlm_agent_code), None)
        timeline = self._mlm_merge_timelines(rows, partners)
        self.env.flush_all()
        # Nothing of the merged contacts may reappear when the wizard copies values to the destination.
        self.env.cr.execute(SQL(
            '''UPDATE res_partner SET mlm_agent_code = NULL, mlm_agent_state = 'none', mlm_sponsor_id = NULL
                WHERE id = ANY(%(ids)s);
               UPDATE res_partner SET mlm_sponsor_id = %(dst)s WHERE mlm_sponsor_id = ANY(%(ids)s);
               DELETE FROM mlm_sponsorship WHERE partner_id = ANY(%(ids)s);
               UPDATE mlm_sponsorship SET sponsor_id = %(dst)s WHERE sponsor_id = ANY(%(ids)s)''',
            ids=partners.ids, dst=dst_partner.id,
        ))
        self.env.invalidate_all(flush=False)
        history = self.env['mlm.sponsorship'].create(timeline)
        history.flush_model()
        if history._has_loop(dst_partner):
            raise UserError(self.env._(
                'These contacts cannot be merged: on a past day %(contact)s would have stood below itself. Archive the '
                'contacts that you do not need instead.', contact=dst_partner.display_name))
        last = history.filtered(lambda row: not row.date_to)
        self.env.cr.execute(SQL(
            'UPDATE res_partner SET mlm_agent_code = %s, mlm_agent_state = %s, mlm_sponsor_id = %s WHERE id = %s',
            code, last.agent_state or 'none', last.sponsor_id.id or None, dst_partner.id,
        ))
        self.env.invalidate_all(flush=False)
        dst_partner._mlm_check_no_loop()

    def _mlm_merge_timelines(self, rows, partners):
        """One history out of several.

        Between two changes the tree is constant. The destination then gives the place, or an agent
        merged into it where it was none, or who stood uppermost above that one: nobody above can have
        stood below one of the others.

        :param rows: all mlm.sponsorship rows of the merged contacts
        :param partners: the merged contacts, the destination first
        :return: values of rows of the destination
        """
        ends = {row: row.date_to or date.max for row in rows}
        days = {day for row in rows for day in (row.date_from, ends[row])} | self._mlm_days_of_upline(partners)
        timeline = []
        for start, end in pairwise(sorted(days)):
            covering = {row.partner_id: row for row in rows if row.date_from <= start and end <= ends[row]}
            present = partners.filtered(covering.get)
            if not present:
                continue
            agents = present.filtered(lambda p: covering[p].agent_state != 'none')
            giver = (agents or present)[0]
            uplines = {p: self._mlm_upline_on(start, covering[p].sponsor_id) for p in present}
            giver = next((p for p in reversed(uplines[giver]) if p in present), giver)
            sponsor = next((p for p in uplines[giver][:1] if p not in partners), partners.browse())
            # Whoever had people below must be seen as a sponsor then.
            state = min(present, key=lambda p: (
                covering[p].agent_state not in SPONSOR_STATES, covering[p].agent_state == 'none'))
            values = {
                'partner_id': partners[0].id, 'sponsor_id': sponsor.id, 'agent_state': covering[state].agent_state,
                'date_from': start, 'date_to': end if end < date.max else False, 'reason': covering[giver].reason,
            }
            previous = timeline[-1] if timeline else {}
            if previous.get('date_to') == start and all(previous[name] == values[name] for name in ('sponsor_id', 'agent_state')):
                previous['date_to'] = values['date_to']
            elif sponsor or values['agent_state'] != 'none':
                timeline.append(values)
        return timeline

    def _mlm_merge_seats(self, src_partners, dst_partner):
        """Merge seats in the placement tree.

        The destination keeps its seats of all time, or takes those of the first merged contact that has any. Everybody
        below any of them comes to sit below the destination, in the same seats.

        :param src_partners: recordset of res.partner that will be deleted
        :param dst_partner: the res.partner that stays
        :raise UserError: if two people would share a seat, or the destination would sit below itself
        """
        # As in `_mlm_merge_places`, which has judged who may merge these contacts.
        history = self.env['mlm.placement'].sudo()
        dst_partner, partners = dst_partner.sudo(), (dst_partner + src_partners).sudo()
        rows = history.search([('partner_id', 'in', partners.ids)])
        if not rows:
            return
        self.env['mlm.network.version']._bump()
        keeper = next(partner for partner in partners if partner in rows.partner_id)
        self._mlm_check_seats_apart(partners, keeper)
        seat = [keeper.mlm_placement_id.id or None, keeper.mlm_placement_slot or 0, keeper.mlm_placed]
        self.env.flush_all()
        self.env.cr.execute(SQL(
            '''DELETE FROM mlm_placement WHERE partner_id = ANY(%(ids)s) AND partner_id != %(keeper)s;
               UPDATE mlm_placement SET partner_id = %(dst)s WHERE partner_id = %(keeper)s;
               UPDATE mlm_placement SET placement_id = %(dst)s WHERE placement_id = ANY(%(ids)s);
               UPDATE res_partner SET mlm_placement_id = NULL, mlm_placement_slot = 0, mlm_placed = FALSE
                WHERE id = ANY(%(ids)s);
               UPDATE res_partner SET mlm_placement_id = %(dst)s WHERE mlm_placement_id = ANY(%(ids)s);
               UPDATE res_partner SET mlm_placement_id = %(above)s, mlm_placement_slot = %(slot)s, mlm_placed = %(placed)s
                WHERE id = %(dst)s''',
            ids=partners.ids, keeper=keeper.id, dst=dst_partner.id, above=seat[0], slot=seat[1], placed=seat[2],
        ))
        self.env.invalidate_all(flush=False)
        if history._has_loop(dst_partner):
            raise UserError(self.env._(
                'These contacts cannot be merged: %(contact)s would sit below itself in the placement tree. Move one of '
                'them away first, or archive the contacts that you do not need.', contact=dst_partner.display_name))
        dst_partner._mlm_check_no_loop(PLACEMENT)

    def _mlm_check_seats_apart(self, partners, keeper):
        """Refuse a merge after which two people would have shared a seat on some day."""
        found = self.env.execute_query(SQL(
            '''SELECT one.partner_id, two.partner_id FROM mlm_placement one
                 JOIN mlm_placement two ON two.placement_id = ANY(%(ids)s) AND two.slot = one.slot
                  AND two.placement_id != one.placement_id AND two.partner_id > one.partner_id
                  AND daterange(one.date_from, one.date_to) && daterange(two.date_from, two.date_to)
                WHERE one.placement_id = ANY(%(ids)s)
                  AND (one.partner_id = %(keeper)s OR one.partner_id != ALL(%(ids)s))
                  AND (two.partner_id = %(keeper)s OR two.partner_id != ALL(%(ids)s)) LIMIT 1''',
            ids=partners.ids, keeper=keeper.id,
            to_flush=[self.env['mlm.placement']._fields[name]
                      for name in ('partner_id', 'placement_id', 'slot', 'date_from', 'date_to')]))
        if found:
            one, two = partners.browse(found[0])
            raise UserError(self.env._(
                'These contacts cannot be merged: %(one)s and %(two)s would share a seat in the placement tree. Archive the '
                'contacts that you do not need instead.', one=one.display_name, two=two.display_name))

    def _mlm_upline_on(self, day, sponsor):
        """Who stood above on a day, nearest first: a list that begins with ``sponsor``."""
        sponsors = dict(row[:2] for row in self.env.execute_query(
            self.env['mlm.sponsorship']._tree_sql(day, sponsor.ids)))
        upline = []
        while sponsor and sponsor not in upline:
            upline.append(sponsor)
            sponsor = sponsor.browse(sponsors.get(sponsor.id) or [])
        return upline

    def _mlm_days_of_upline(self, partners):
        """The days on which the upline of ``partners`` changed, however far above."""
        return {day for day, in self.env.execute_query(SQL(
            '''WITH RECURSIVE mlm_up(id) AS (
                SELECT unnest(%s::int[])
                UNION
                SELECT s.sponsor_id FROM mlm_sponsorship s JOIN mlm_up u ON s.partner_id = u.id WHERE s.sponsor_id IS NOT NULL
            ) SELECT DISTINCT s.date_from FROM mlm_sponsorship s JOIN mlm_up u ON s.partner_id = u.id''',
            partners.ids,
        ))}
