# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import defaultdict, namedtuple

import psycopg2

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import SQL, format_date
from odoo.tools.date_utils import parse_date

Row = namedtuple('Row', 'partner_id id place date_from date_to')


class MlmHistoryMixin(models.AbstractModel):
    """Who stood where in one of the network's trees, from when to when.

    A model says which columns make up a place, and how a contact's present one is read.
    """
    _name = 'mlm.history.mixin'
    _description = 'History of a Tree'

    # The columns of a place; the first one is who stands directly above.
    _place = ()
    # Joined to a row "s": gives began.since, the day from which the row counts in the tree.
    _began = SQL('CROSS JOIN LATERAL (SELECT s.date_from AS since) AS began')
    # Whether a row "s" is part of the tree.
    _counts = SQL('TRUE')

    partner_id = fields.Many2one('res.partner', string='Contact', required=True, readonly=True, index=True, ondelete='cascade')
    date_from = fields.Date(string='From', required=True, readonly=True)
    date_to = fields.Date(string='Until', readonly=True, help='The first day this was no longer so. Empty: it is so now.')
    reason = fields.Char(string='Reason', readonly=True)

    _dates_check = models.Constraint('CHECK (date_to > date_from)', 'A place in the network ends after it begins.')
    _no_overlap = models.Constraint(
        'EXCLUDE USING gist (partner_id WITH =, daterange(date_from, date_to) WITH &&)',
        'A contact cannot hold two places in the network on the same day.',
    )

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

    # --- writing the history: only for res.partner's create and write ---

    @api.model
    def _get_place(self, partner):
        """The present place of a contact: values of ``_place``, or None if it has none."""
        raise NotImplementedError

    @api.model
    def _get_given_date(self):
        """The day of the change that the caller put into the context as ``mlm_date``, or None."""
        return self._parse_given_date(self.env.context.get('mlm_date') or None)

    @api.model
    def _parse_given_date(self, date):
        """
        :param date: a date, or text as domains take it: '2026-01-31', 'today -3m'; or None
        :raise ValidationError: if it is no day, or one to come
        """
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
    def _record(self, partners, dates=None):
        """Write down the present place of ``partners``, from today or from the context's ``mlm_date``
        on, with the context's ``mlm_reason``. Two changes of a day become one row.

        :param dict dates: ``{partner_id: day}`` of those who have a day of their own
        """
        given_to_all = self._get_given_date()
        today = fields.Date.context_today(self)
        last_rows = self._read_last_rows(partners)
        drop, changes, new = [], defaultdict(list), []
        reason = self.env.context.get('mlm_reason')
        for partner in partners:
            place = self._get_place(partner)
            rows = last_rows[partner.id]
            open_row = rows[0] if rows and not rows[0].date_to else None
            earliest = rows and (rows[0].date_to or rows[0].date_from)
            given = (dates or {}).get(partner.id) or given_to_all
            # Without a given date a user whose day began earlier, further east, is no reason to fail.
            date = given or max(today, earliest or today)
            self._check_not_before(partner, date, earliest)
            previous, replaced = rows[0] if rows else None, None
            if open_row and open_row.date_from == date:
                previous, replaced = rows[1] if len(rows) > 1 else None, open_row
            elif open_row:
                changes['date_to', date].append(open_row.id)
                previous = None
            if place is None:
                drop += [replaced.id] if replaced else []
            elif previous and previous.date_to == date and previous.place == place:
                # undone on the day it was done
                drop += [replaced.id] if replaced else []
                changes['date_to', False].append(previous.id)
            elif replaced:
                for name, value in zip(self._place, place):
                    changes[name, value or False].append(replaced.id)
                if reason:
                    changes['reason', reason].append(replaced.id)
            else:
                new.append({
                    'partner_id': partner.id, **dict(zip(self._place, place)), 'date_from': date, 'reason': reason,
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

    def _check_not_before(self, partner, date, earliest):
        """Refuse a change that would come before the last one."""
        if earliest and date < earliest:
            raise ValidationError(self.env._(
                '%(contact)s holds the present place in the network since %(since)s; a change on %(date)s would '
                'come before that. Choose %(since)s or a later day.',
                contact=partner.display_name, since=format_date(self.env, earliest), date=format_date(self.env, date)))

    @api.model
    def _read_last_rows(self, partners):
        """``{partner_id: [Row, Row]}``: the last two of each partner, the latest first."""
        rows = self.env.execute_query(SQL(
            '''SELECT wanted.id, s.id, s.date_from, s.date_to, %(place)s
                 FROM unnest(%(ids)s::int[]) AS wanted(id) CROSS JOIN LATERAL (
                    SELECT * FROM %(table)s WHERE partner_id = wanted.id ORDER BY date_from DESC LIMIT 2
                 ) s ORDER BY s.date_from DESC''',
            ids=partners.ids, table=SQL.identifier(self._table),
            place=SQL(', ').join(SQL.identifier('s', name) for name in self._place),
            to_flush=[self._fields[name] for name in ('partner_id', 'date_from', 'date_to', *self._place)],
        ))
        result = defaultdict(list)
        for partner_id, row_id, date_from, date_to, *place in rows:
            result[partner_id].append(Row(partner_id, row_id, tuple(place), date_from, date_to))
        return result

    # --- checks that need the history ---

    @api.model
    @api.private
    def _check_no_loop(self, moved):
        """Refuse agents ``moved`` under somebody who stood below them on any day since.

        With changes dated back the tree of today says too little.
        """
        found = self.env.execute_query(SQL(
            '''WITH RECURSIVE above(origin_id, id, since, until) AS (
                SELECT %(above)s, %(above)s, began.since, 'infinity'::date
                  FROM %(table)s s %(began)s
                 WHERE s.partner_id = ANY(%(ids)s) AND s.date_to IS NULL AND %(above)s IS NOT NULL AND %(counts)s
                UNION
                SELECT above.origin_id, %(above)s,
                       GREATEST(above.since, began.since), LEAST(above.until, COALESCE(s.date_to, 'infinity'))
                  FROM above JOIN %(table)s s ON s.partner_id = above.id AND %(counts)s %(began)s
                 WHERE %(above)s IS NOT NULL
                   AND GREATEST(above.since, began.since) < LEAST(above.until, COALESCE(s.date_to, 'infinity'))
            )
            SELECT s.partner_id, %(above)s
              FROM above JOIN %(table)s s ON s.partner_id = above.id AND %(above)s = above.origin_id
             WHERE s.partner_id = ANY(%(ids)s) AND s.date_to IS NULL LIMIT 1''',
            ids=moved.ids, **self._sql_parts(),
        ))
        if found:
            agent, above = moved.browse(found[0])
            raise ValidationError(self.env._(
                '%(agent)s cannot stand under %(sponsor)s from that day on: %(sponsor)s still stood below %(agent)s then. '
                'Choose a later day.', agent=agent.display_name, sponsor=above.display_name))

    @api.model
    @api.private
    def _has_loop(self, partner):
        """Whether ``partner`` is its own upline on any day of its history."""
        return bool(self.env.execute_query(SQL(
            '''WITH RECURSIVE above(id, since, until) AS (
                SELECT %(above)s, began.since, COALESCE(s.date_to, 'infinity')
                  FROM %(table)s s %(began)s
                 WHERE s.partner_id = %(id)s AND %(above)s IS NOT NULL AND %(counts)s
                UNION
                SELECT %(above)s, GREATEST(above.since, began.since), LEAST(above.until, COALESCE(s.date_to, 'infinity'))
                  FROM above JOIN %(table)s s ON s.partner_id = above.id AND %(counts)s %(began)s
                 WHERE %(above)s IS NOT NULL
                   AND GREATEST(above.since, began.since) < LEAST(above.until, COALESCE(s.date_to, 'infinity'))
            ) SELECT 1 FROM above WHERE id = %(id)s LIMIT 1''',
            id=partner.id, **self._sql_parts(),
        )))

    @api.model
    def _sql_parts(self):
        return {
            'table': SQL.identifier(self._table), 'above': SQL.identifier('s', self._place[0]), 'began': self._began,
            'counts': self._counts,
        }
