# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import date
from itertools import pairwise

from odoo import models
from odoo.exceptions import UserError
from odoo.tools import SQL

from ..const import SPONSOR_STATES


class BasePartnerMergeAutomaticWizard(models.TransientModel):
    _inherit = 'base.partner.merge.automatic.wizard'

    def _update_foreign_keys(self, src_partners, dst_partner):
        """Give the destination one place and one history before everything else is moved over to it."""
        self._mlm_merge_places(src_partners, dst_partner)
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
