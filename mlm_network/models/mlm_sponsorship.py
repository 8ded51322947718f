# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import namedtuple

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ..const import AGENT_STATES, OPEN_STATES, SPONSOR_STATES
from ..tools.tree import BEGAN

Row = namedtuple('Row', 'partner_id id sponsor_id agent_state date_from date_to')


class MlmSponsorship(models.Model):
    _name = 'mlm.sponsorship'
    _description = 'Sponsorship'
    _inherit = ['mlm.history.mixin']
    _order = 'date_from DESC, id DESC'
    _rec_name = 'partner_id'
    _place = ('sponsor_id', 'agent_state')
    _began = BEGAN
    _counts = SQL("s.agent_state != 'none'")

    sponsor_id = fields.Many2one(
        'res.partner', string='Sponsor', readonly=True, index='btree_not_null', ondelete='restrict',
        help='Who stood directly above. Empty: the contact stood at the top.')
    agent_state = fields.Selection(
        [('none', 'Customer'), *AGENT_STATES[1:]], string='Agent State', required=True, readonly=True)

    # The tree as of a day is read from this index alone, already in the order it is needed in.
    _tree_index = models.Index("(partner_id, date_from) INCLUDE (date_to, sponsor_id, agent_state) WHERE agent_state != 'none'")

    @api.model
    def _get_place(self, partner):
        place = (partner.mlm_sponsor_id.id or None, partner.mlm_agent_state)
        return place if place != (None, 'none') else None

    # --- reading the tree as of a day ---

    @api.model
    @api.private
    def _tree_sql(self, on_date, upline_of=None):
        """A SELECT of the tree as of a day: the columns ``partner_id``, ``sponsor_id`` (NULL at the
        top) and ``agent_state``, one row for each agent.

        Who was an agent on that day stands where it stood then. Who became one (again) only
        afterwards stands where it entered. Every sponsor in the result is in it as an agent, and
        there is no loop, whatever the day.

        :param date on_date: the day
        :param upline_of: ids of partners; only these and who stood above them, default everybody
        :rtype: SQL
        """
        flush = [self._fields[name] for name in ('partner_id', 'sponsor_id', 'agent_state', 'date_from', 'date_to')]
        # The earliest agent row that ends after the day is the one that covers it or the first later.
        if upline_of is None:
            return SQL(
                '''SELECT DISTINCT ON (partner_id) partner_id, sponsor_id, agent_state
                     FROM mlm_sponsorship
                    WHERE agent_state != 'none' AND (date_to IS NULL OR date_to > %s)
                    ORDER BY partner_id, date_from''',
                on_date, to_flush=flush,
            )
        row = SQL(
            '''SELECT s.partner_id, s.sponsor_id, s.agent_state
                 FROM mlm_sponsorship s
                WHERE s.partner_id = wanted.id AND s.agent_state != 'none'
                  AND (s.date_to IS NULL OR s.date_to > %s)
                ORDER BY s.date_from LIMIT 1''',
            on_date, to_flush=flush,
        )
        return SQL(
            '''WITH RECURSIVE mlm_tree AS (
                SELECT place.* FROM unnest(%(ids)s::int[]) AS wanted(id) CROSS JOIN LATERAL (%(row)s) AS place
                UNION
                SELECT place.* FROM mlm_tree AS below CROSS JOIN LATERAL (SELECT below.sponsor_id AS id) AS wanted
                 CROSS JOIN LATERAL (%(row)s) AS place
            ) SELECT partner_id, sponsor_id, agent_state FROM mlm_tree''',
            ids=list(upline_of), row=row,
        )

    # --- checks that need the history ---

    @api.model
    @api.private
    def _check_sponsors_since(self, partners, dates=None):
        """Refuse a sponsor that was not an active agent all the time since a given earlier date.

        :param dict dates: ``{partner_id: day}`` of those who have a day of their own
        """
        given = self._get_given_date()
        if not given and not dates:
            return
        partners = partners.filtered('mlm_sponsor_id')
        # A file tells of a network as it stands, so its sponsors may have left meanwhile.
        told = {sponsor.id for sponsor in partners.mlm_sponsor_id if partners._mlm_is_told(sponsor)}
        rows = self.env.execute_query(SQL(
            '''SELECT partner_id, id, sponsor_id, agent_state, date_from, date_to FROM mlm_sponsorship
                WHERE partner_id = ANY(%s) ORDER BY partner_id, date_from''',
            partners.mlm_sponsor_id.ids,
        ))
        covered, seen = {}, set()  # covered: {sponsor_id: (since, until)}, since None means ever
        for row in map(Row._make, rows):
            first = row.partner_id not in seen
            seen.add(row.partner_id)
            if row.agent_state not in (SPONSOR_STATES if row.partner_id in told else OPEN_STATES):
                covered.pop(row.partner_id, None)
            elif covered.get(row.partner_id, (None, None))[1] == row.date_from:
                covered[row.partner_id] = (covered[row.partner_id][0], row.date_to)
            else:
                covered[row.partner_id] = (None if first else row.date_from, row.date_to)
        for partner in partners:
            sponsor = partner.mlm_sponsor_id
            date = (dates or {}).get(partner.id) or given
            since = covered.get(sponsor.id, (fields.Date.context_today(self), None))[0]
            if date and since and since > date:
                raise ValidationError(self.env._(
                    '%(sponsor)s is an agent without interruption only since %(since)s, so %(contact)s cannot stand there '
                    'from %(date)s on. Choose a later day or another sponsor.',
                    sponsor=sponsor.display_name, contact=partner.display_name,
                    since=format_date(self.env, since), date=format_date(self.env, date)))

    @api.model
    @api.private
    def _check_nobody_below(self, partners):
        """Refuse that ``partners`` stop being sponsors while somebody stands, or stood later, below."""
        found = self.env.execute_query(SQL(
            '''SELECT s.sponsor_id, s.partner_id FROM mlm_sponsorship s
                WHERE s.sponsor_id = ANY(%s)
                  AND COALESCE(s.date_to, 'infinity') > COALESCE((
                        SELECT max(e.date_to) FROM mlm_sponsorship e
                         WHERE e.partner_id = s.sponsor_id AND e.agent_state = ANY(%s)), '-infinity')
                LIMIT 1''',
            partners.ids, list(SPONSOR_STATES),
        ))
        if found:
            agent, below = partners.browse(found[0])
            raise ValidationError(self.env._(
                '%(below)s stands under %(agent)s, who must therefore stay an agent. Move everybody below %(agent)s to '
                'another sponsor first, or set the state to Terminated.',
                below=below.display_name, agent=agent.display_name))
