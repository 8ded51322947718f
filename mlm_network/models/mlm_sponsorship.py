# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import defaultdict, namedtuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date
from odoo.tools.date_utils import parse_date

from ..const import AGENT_STATES, OPEN_STATES, SPONSOR_STATES
from ..tools.tree import BEGAN

Row = namedtuple('Row', 'partner_id id sponsor_id agent_state date_from date_to')


class MlmSponsorship(models.Model):
    _name = 'mlm.sponsorship'
    _description = 'Sponsorship'
    _order = 'date_from DESC, id DESC'
    _rec_name = 'partner_id'

    partner_id = fields.Many2one('res.partner', string='Contact', required=True, readonly=True, index=True, ondelete='cascade')
    sponsor_id = fields.Many2one(
        'res.partner', string='Sponsor', readonly=True, index='btree_not_null', ondelete='restrict',
        help='Who stood directly above. Empty: the contact stood at the top.')
    agent_state = fields.Selection(
        [('none', 'Customer'), *AGENT_STATES[1:]], string='Agent State', required=True, readonly=True)
    date_from = fields.Date(string='From', required=True, readonly=True)
    date_to = fields.Date(string='Until', readonly=True, help='The first day this was no longer so. Empty: it is so now.')
    reason = fields.Char(string='Reason', readonly=True)

    _dates_check = models.Constraint('CHECK (date_to > date_from)', 'A place in the network ends after it begins.')
    _no_overlap = models.Constraint(
        'EXCLUDE USING gist (partner_id WITH =, daterange(date_from, date_to) WITH &&)',
        'A contact cannot hold two places in the network on the same day.',
    )
    # The tree as of a day is read from this index alone, already in the order it is needed in.
    _tree_index = models.Index("(partner_id, date_from) INCLUDE (date_to, sponsor_id, agent_state) WHERE agent_state != 'none'")

    def _auto_init(self):
        # Before the constraint above, which needs it.
        try:
            with self.env.cr.savepoint(flush=False):
                self._create_extension()
        except psycopg2.Error as error:
            raise UserError(self.env._(
                'PostgreSQL\'s extension btree_gist, which guards the history of the network, could not be created: %s\n'
                'Install PostgreSQL\'s contrib package on the server if it is missing there, then let the owner of the '
                'database run: CREATE EXTENSION btree_gist;', error)) from error
        return super()._auto_init()

    @api.model
    def _create_extension(self):
        # Trusted since PostgreSQL 13: whoever owns the database may create it.
        self.env.cr.execute(SQL('CREATE EXTENSION IF NOT EXISTS btree_gist'))

    @api.depends('partner_id', 'date_from')
    def _compute_display_name(self):
        for row in self:
            row.display_name = self.env._(
                '%(contact)s from %(date)s', contact=row.partner_id.display_name,
                date=format_date(self.env, row.date_from))

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

    # --- writing the history: only for res.partner's create and write ---

    @api.model
    def _get_given_date(self):
        """The day of the change that the caller put into the context as ``mlm_date``, or None.

        A date, or text as domains take it: '2026-01-31', 'today -3m'.
        """
        date = self.env.context.get('mlm_date') or None
        try:
            date = fields.Date.to_date(parse_date(date, self.env) if isinstance(date, str) else date)
        except (TypeError, ValueError) as error:
            raise ValidationError(self.env._('"%s" is no day on which the network could change.', date)) from error
        if date and date > fields.Date.context_today(self):
            raise ValidationError(self.env._(
                'A change of the network cannot be dated in the future (%(date)s). Choose today or an earlier day.',
                date=format_date(self.env, date)))
        return date

    @api.model
    @api.private
    def _record(self, partners):
        """Write down the present place and state of ``partners``, from today or from the context's
        ``mlm_date`` on, with the context's ``mlm_reason``. Two changes of a day become one row.
        """
        given = self._get_given_date()
        today = fields.Date.context_today(self)
        last_rows = self._read_last_rows(partners)
        drop, changes, new = [], defaultdict(list), []
        reason = self.env.context.get('mlm_reason')
        for partner in partners:
            place = (partner.mlm_sponsor_id.id or None, partner.mlm_agent_state)
            rows = last_rows[partner.id]
            open_row = rows[0] if rows and not rows[0].date_to else None
            earliest = rows and (rows[0].date_to or rows[0].date_from)
            # Without a given date a user whose day began earlier, further east, is no reason to fail.
            date = given or max(today, earliest or today)
            if earliest and date < earliest:
                raise ValidationError(self.env._(
                    '%(contact)s holds the present place in the network since %(since)s; a change on %(date)s would '
                    'come before that. Choose %(since)s or a later day.',
                    contact=partner.display_name, since=format_date(self.env, earliest), date=format_date(self.env, date)))
            previous, replaced = rows[0] if rows else None, None
            if open_row and open_row.date_from == date:
                previous, replaced = rows[1] if len(rows) > 1 else None, open_row
            elif open_row:
                changes['date_to', date].append(open_row.id)
                previous = None
            if place == (None, 'none'):
                drop += [replaced.id] if replaced else []
            elif previous and previous.date_to == date and (previous.sponsor_id, previous.agent_state) == place:
                # undone on the day it was done
                drop += [replaced.id] if replaced else []
                changes['date_to', False].append(previous.id)
            elif replaced:
                changes['sponsor_id', place[0] or False].append(replaced.id)
                changes['agent_state', place[1]].append(replaced.id)
                if reason:
                    changes['reason', reason].append(replaced.id)
            else:
                new.append({
                    'partner_id': partner.id, 'sponsor_id': place[0], 'agent_state': place[1],
                    'date_from': date, 'reason': reason,
                })
        # Nobody may write history but this method, which writes what has just been stored on the
        # partners, after their own access was checked: hence sudo.
        history = self.sudo().with_context(tracking_disable=True)
        history.browse(drop).unlink()
        for (name, value), ids in changes.items():
            history.browse(ids).write({name: value})
        history.flush_model()
        history.create(new)
        history.flush_model()

    @api.model
    def _read_last_rows(self, partners):
        """``{partner_id: [Row, Row]}``: the last two of each partner, the latest first."""
        rows = self.env.execute_query(SQL(
            '''SELECT wanted.id, s.id, s.sponsor_id, s.agent_state, s.date_from, s.date_to
                 FROM unnest(%s::int[]) AS wanted(id) CROSS JOIN LATERAL (
                    SELECT * FROM mlm_sponsorship WHERE partner_id = wanted.id ORDER BY date_from DESC LIMIT 2
                 ) s ORDER BY s.date_from DESC''',
            partners.ids, to_flush=[self._fields[name] for name in Row._fields if name != 'id'],
        ))
        result = defaultdict(list)
        for row in rows:
            result[row[0]].append(Row(*row))
        return result

    # --- checks that need the history ---

    @api.model
    @api.private
    def _check_no_loop(self, moved):
        """Refuse agents ``moved`` under somebody who stood below them on any day since.

        With changes dated back the tree of today says too little. An agent's first row counts from
        ever, as :meth:`_tree_sql` reads it.
        """
        found = self.env.execute_query(SQL(
            '''WITH RECURSIVE above(origin_id, id, since, until) AS (
                SELECT s.sponsor_id, s.sponsor_id, began.since, 'infinity'::date
                  FROM mlm_sponsorship s %(since)s
                 WHERE s.partner_id = ANY(%(ids)s) AND s.date_to IS NULL AND s.sponsor_id IS NOT NULL AND s.agent_state != 'none'
                UNION
                SELECT above.origin_id, s.sponsor_id,
                       GREATEST(above.since, began.since), LEAST(above.until, COALESCE(s.date_to, 'infinity'))
                  FROM above JOIN mlm_sponsorship s ON s.partner_id = above.id AND s.agent_state != 'none' %(since)s
                 WHERE s.sponsor_id IS NOT NULL
                   AND GREATEST(above.since, began.since) < LEAST(above.until, COALESCE(s.date_to, 'infinity'))
            )
            SELECT s.partner_id, s.sponsor_id
              FROM above JOIN mlm_sponsorship s ON s.partner_id = above.id AND s.sponsor_id = above.origin_id
             WHERE s.partner_id = ANY(%(ids)s) AND s.date_to IS NULL LIMIT 1''',
            ids=moved.ids, since=BEGAN,
        ))
        if found:
            agent, sponsor = moved.browse(found[0])
            raise ValidationError(self.env._(
                '%(agent)s cannot stand under %(sponsor)s from that day on: %(sponsor)s still stood below %(agent)s then. '
                'Choose a later day.', agent=agent.display_name, sponsor=sponsor.display_name))

    @api.model
    @api.private
    def _has_loop(self, partner):
        """Whether ``partner`` is its own upline on any day of its history."""
        return bool(self.env.execute_query(SQL(
            '''WITH RECURSIVE above(id, since, until) AS (
                SELECT s.sponsor_id, began.since, COALESCE(s.date_to, 'infinity')
                  FROM mlm_sponsorship s %(since)s
                 WHERE s.partner_id = %(id)s AND s.sponsor_id IS NOT NULL AND s.agent_state != 'none'
                UNION
                SELECT s.sponsor_id, GREATEST(above.since, began.since), LEAST(above.until, COALESCE(s.date_to, 'infinity'))
                  FROM above JOIN mlm_sponsorship s ON s.partner_id = above.id AND s.agent_state != 'none' %(since)s
                 WHERE s.sponsor_id IS NOT NULL
                   AND GREATEST(above.since, began.since) < LEAST(above.until, COALESCE(s.date_to, 'infinity'))
            ) SELECT 1 FROM above WHERE id = %(id)s LIMIT 1''',
            id=partner.id, since=BEGAN,
        )))

    @api.model
    @api.private
    def _check_sponsors_since(self, partners):
        """Refuse a sponsor that was not an active agent all the time since a given earlier date."""
        date = self._get_given_date()
        if not date:
            return
        rows = self.env.execute_query(SQL(
            '''SELECT partner_id, id, sponsor_id, agent_state, date_from, date_to FROM mlm_sponsorship
                WHERE partner_id = ANY(%s) ORDER BY partner_id, date_from''',
            partners.mlm_sponsor_id.ids,
        ))
        covered, seen = {}, set()  # covered: {sponsor_id: (since, until)}, since None means ever
        for row in map(Row._make, rows):
            first = row.partner_id not in seen
            seen.add(row.partner_id)
            if row.agent_state not in OPEN_STATES:
                covered.pop(row.partner_id, None)
            elif covered.get(row.partner_id, (None, None))[1] == row.date_from:
                covered[row.partner_id] = (covered[row.partner_id][0], row.date_to)
            else:
                covered[row.partner_id] = (None if first else row.date_from, row.date_to)
        for partner in partners.filtered('mlm_sponsor_id'):
            sponsor = partner.mlm_sponsor_id
            since = covered.get(sponsor.id, (fields.Date.context_today(self), None))[0]
            if since and since > date:
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
