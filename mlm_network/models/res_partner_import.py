# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import defaultdict

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import SQL, format_date

from ..tools.network_file import NetworkFile, Row
from ..tools.tree import read_edges

IMPORT_FIELDS = {'mlm_sponsor_code', 'mlm_place_date'}
NETWORK_COLUMNS = {'mlm_sponsor_id', 'mlm_sponsor_code', 'mlm_agent_code', 'mlm_place_date'}
SPONSOR_COLUMNS = ('mlm_sponsor_code', 'mlm_sponsor_id')
# What is told of a file at once; whoever mends these and tests again is told the next.
PROBLEM_LIMIT = 100


class ResPartner(models.Model):
    """A whole network from a file, through Odoo's own import.

    Odoo takes the rows of a file as they come and looks up each sponsor by name, which stores what was read before and
    searches all contacts, for every row. Here the sponsors of a batch are found by code at once, and the rows are put in
    an order in which every sponsor comes first.
    """
    _inherit = 'res.partner'

    mlm_sponsor_code = fields.Char(
        string='Sponsor\'s Code', compute='_compute_mlm_sponsor_code', readonly=False, groups='base.group_user',
        help='The agent code of the sponsor, as files name it.')
    mlm_place_date = fields.Date(
        string='Place Since', compute='_compute_mlm_place_date', compute_sudo=True, readonly=False,
        help='Since when the contact has its present sponsor and state. Entered along with them, it dates the change.')

    # === COMPUTE METHODS === #

    @api.depends('mlm_sponsor_id.mlm_agent_code')
    @api.depends_context('uid', 'allowed_company_ids')
    def _compute_mlm_sponsor_code(self):
        visible = self.mlm_sponsor_id._filtered_access('read')
        for partner in self:
            partner.mlm_sponsor_code = (partner.mlm_sponsor_id & visible).mlm_agent_code

    @api.depends('mlm_sponsorship_ids.date_from', 'mlm_sponsorship_ids.date_to')
    def _compute_mlm_place_date(self):
        groups = self.env['mlm.sponsorship']._read_group(
            [('partner_id', 'in', self.ids), ('date_to', '=', False)], ['partner_id'], ['date_from:max'])
        since = {partner.id: date for partner, date in groups}
        for partner in self:
            partner.mlm_place_date = since.get(partner._origin.id)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        return super().create(self._mlm_resolve_sponsors(vals_list))

    def write(self, vals):
        if not IMPORT_FIELDS & vals.keys():
            return super().write(vals)
        [vals] = self._mlm_resolve_sponsors([dict(vals)])
        date = fields.Date.to_date(vals.pop('mlm_place_date', None))
        if not date:
            return super().write(vals)
        histories = self._mlm_read_histories()
        for partner in self.with_context(mlm_date=date):
            super(ResPartner, partner).write(partner._mlm_leave_out_known(vals, date, histories))
        return True

    @api.model
    def load(self, fields, data):
        if self._mlm_get_file() is not None:
            return super().load(*self._mlm_split_sponsors(fields, data))
        file = self._mlm_read_file(fields, data)
        if file is None:
            return super().load(fields, data)
        messages = self._mlm_describe_problems(file)
        if messages:
            return {'ids': False, 'messages': messages, 'nextrow': 0}
        result = self.with_context(mlm_network_file=file).load(fields, [data[index] for index in file.order])
        self._mlm_renumber(result['messages'], file.order)
        if result['ids'] and len(result['ids']) == len(data):
            result['ids'] = [id_ for _index, id_ in sorted(zip(file.order, result['ids']))]
        return result

    def _load_records(self, data_list, update=False):
        """Store the rows of a file so that every sponsor is there before those whom it sponsors."""
        if self._mlm_get_file() is None:
            return super()._load_records(data_list, update)
        for wave in self._mlm_waves(data_list):
            changed = self._mlm_prepare(wave)
            super()._load_records(changed, update)
        return self.browse([data['record'].id for data in data_list])

    @api.model
    def get_import_templates(self):
        return [*super().get_import_templates(), {
            'label': self.env._('Import Template for a Network'),
            'template': '/mlm_network/static/xls/network_import_template.xlsx',
        }]

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _mlm_read_file(self, names, data, dryrun=False, checked=False):
        """What a file says about places.

        :param list names: the fields of its columns
        :param list data: its rows
        :param bool dryrun: whether it is only tried
        :param bool checked: whether it was found in order already, so that nobody will ask for problems
        :rtype: NetworkFile, or None if the file says nothing about places, or has rows that continue the one before
        """
        def index(*candidates):
            return next((names.index(name) for name in candidates if name in names), None)

        def cell(row, position):
            value = None if position is None else row[position]
            return value.strip() if isinstance(value, str) else value

        if not NETWORK_COLUMNS & set(names) or any(
                getattr(self._fields.get(name.split('/')[0]), 'type', None) == 'one2many' for name in names):
            return None
        states = self._mlm_read_states()
        code, sponsor, date = index('mlm_agent_code'), index(*SPONSOR_COLUMNS), index('mlm_place_date')
        state = index('mlm_agent_state')
        default = self.env.context.get('default_mlm_agent_state', 'none')
        days = {value: self._mlm_read_date(value) for value in {cell(row, date) for row in data}}
        rows = [Row(
            (cell(row, code) or '').upper() or None, (cell(row, sponsor) or '').upper() or None, days[cell(row, date)],
            states.get((cell(row, state) or 'none').lower()) if state is not None else default,
        ) for row in data]
        codes, sponsors = {row.code for row in rows}, {row.sponsor for row in rows}
        known = self._mlm_find_codes(sponsors - codes if checked else sponsors | codes)
        if names[sponsor or 0] == 'mlm_sponsor_id':
            # Whatever is no code may be a name, which Odoo looks up.
            codes |= known.keys()
            rows = [row if row.sponsor in codes else row._replace(sponsor=None) for row in rows]
        known = dict.fromkeys(known) if checked else self._mlm_read_codes_above(known)
        return NetworkFile(rows, known, fields.Date.context_today(self), dryrun)

    @api.model
    @api.private
    def _mlm_describe_problems(self, file):
        """The messages of Odoo's ``load()`` about a file as a whole."""
        def date(name):
            return format_date(self.env, values[name]) if name in values else None

        messages = []
        for index, kind, values in file.problems()[:PROBLEM_LIMIT]:
            row = file.rows[index]
            text = self._mlm_problem_text(kind, {
                **values, 'code': row.code or self.env._('Row %s', index + 1), 'date': date('date'), 'since': date('since')})
            messages.append({
                'type': 'error', 'message': text, 'record': index, 'rows': {'from': index, 'to': index}})
        return messages

    @api.model
    @api.private
    def _mlm_renumber(self, messages, order, start=0):
        """Name in messages the rows of the file instead of those of the batch that was stored."""
        for message in messages:
            if 'rows' in message:
                row = order[start + message['rows']['from']]
                message.update({'record': row, 'rows': {'from': row, 'to': row}})

    # === TOOLING === #

    @api.model
    def _mlm_get_file(self):
        """The file that is being imported. What came with a request as its context is none."""
        file = self.env.context.get('mlm_network_file')
        return file if isinstance(file, NetworkFile) else None

    @api.model
    def _mlm_is_told(self, sponsor):
        file = self._mlm_get_file()
        return file is not None and sponsor.mlm_agent_code in file

    @api.model
    def _mlm_problem_text(self, kind, values):
        texts = {
            'double': lambda: self.env._(
                '%(code)s comes twice from the same day on, first in row %(row)s. Leave one of the rows out, or give each '
                'the day from which on it holds.', **values),
            'own': lambda: self.env._('%(code)s cannot be the own sponsor. Leave the sponsor empty for the top.', **values),
            'loop': lambda: self.env._(
                '%(code)s would stand above itself: the sponsor %(sponsor)s stands below. Correct the sponsor of one of '
                'them.', **values),
            'future': lambda: self.env._('%(code)s: %(date)s is still to come. Enter today or an earlier day.', **values),
            'unknown': lambda: self.env._(
                '%(code)s: there is no sponsor with the code %(sponsor)s, neither in this file nor among the contacts. Correct '
                'the code, or add a row for the sponsor.', **values),
            'early': lambda: self.env._(
                '%(code)s is to stand under %(sponsor)s from %(date)s on, but %(sponsor)s only begins on %(since)s (row '
                '%(row)s). Correct one of the days.', **values),
            'no_sponsor': lambda: self.env._(
                '%(code)s cannot stand under %(sponsor)s, who is not an active agent according to row %(row)s. Correct the '
                'state of %(sponsor)s, or choose another sponsor.', **values),
        }
        return texts[kind]()

    @api.model
    def _mlm_read_states(self):
        """``{what a file may say: state}``: values and labels, in English and in the user's language."""
        field = self._fields['mlm_agent_state']
        labels = [*field.selection, *field._description_selection(self.env)]
        return {text.lower(): value for value, label in labels for text in (value, label)}

    @api.model
    def _mlm_read_date(self, value):
        try:
            return fields.Date.to_date(value or None)
        except ValueError:
            return None  # Odoo names the cell

    @api.model
    def _mlm_find_codes(self, codes):
        """``{code: id}`` of the contacts with these codes that the user may read."""
        codes = [code for code in codes if code]
        if not codes:
            return {}
        query = self.with_context(active_test=False)._search([('mlm_agent_code', 'in', codes)])
        return {code: id_ for id_, code in self.env.execute_query(query.select('id', 'mlm_agent_code'))}

    @api.model
    def _mlm_read_codes_above(self, known):
        """``{code: code of the sponsor, or None}`` of these contacts and everybody above."""
        edges = read_edges(self, known.values())
        codes = dict(self.env.execute_query(SQL(
            'SELECT id, mlm_agent_code FROM res_partner WHERE id = ANY(%s)', list(edges))))
        return {codes[id_]: codes.get(above) for id_, (above, *_rest) in edges.items()}

    @api.model
    def _mlm_split_sponsors(self, names, data):
        """Have sponsors that a column of names gives by their codes found by code."""
        if 'mlm_sponsor_id' not in names or 'mlm_sponsor_code' in names:
            return names, data
        file, position = self._mlm_get_file(), names.index('mlm_sponsor_id')
        rows = []
        for row in data:
            code = (row[position] or '').strip().upper()
            by_code = code and (code in file or code in file.known)
            rows.append([*row[:position], '' if by_code else row[position], *row[position + 1:], code if by_code else ''])
        return [*names, 'mlm_sponsor_code'], rows

    @api.model
    def _mlm_resolve_sponsors(self, vals_list):
        """Turn sponsors' codes into sponsors.

        :raise ValidationError: naming a code that nobody has
        """
        codes = {(vals.get('mlm_sponsor_code') or '').strip().upper() for vals in vals_list} - {''}
        found = self._mlm_find_codes(codes)
        result = []
        for vals in vals_list:
            if 'mlm_sponsor_code' in vals:
                vals = dict(vals)
                code = (vals.pop('mlm_sponsor_code') or '').strip().upper()
                if code and code not in found:
                    raise ValidationError(self._mlm_missing_sponsor(code))
                vals['mlm_sponsor_id'] = found.get(code) or vals.get('mlm_sponsor_id') or False
            result.append(vals)
        return result

    @api.model
    def _mlm_missing_sponsor(self, code):
        file = self._mlm_get_file()
        if file is not None and code in file:
            return self.env._(
                'The row of the sponsor %s could not be stored. Mend the other errors first.', code)
        return self.env._('There is no sponsor with the code %s. Correct the code, or create the sponsor first.', code)

    @api.model
    def _mlm_waves(self, data_list):
        """Cut the rows where one needs another that has not been stored yet: its sponsor, or its own earlier row."""
        wave, codes = [], set()
        for data in data_list:
            values = data['values']
            code, sponsor = ((values.get(name) or '').strip().upper() for name in ('mlm_agent_code', 'mlm_sponsor_code'))
            if wave and (code in codes or sponsor in codes):
                yield wave
                wave, codes = [], set()
            wave.append(data)
            codes |= {code} - {''}
        if wave:
            yield wave

    @api.model
    def _mlm_prepare(self, wave):
        """Find the contacts of rows and leave out what is there already.

        :return: the rows that change something
        """
        file = self._mlm_get_file()
        codes = defaultdict(list)
        for data in wave:
            for name in ('mlm_agent_code', 'mlm_sponsor_code'):
                codes[name].append((data['values'].get(name) or '').strip().upper())
        found = self._mlm_find_codes({*codes['mlm_agent_code'], *codes['mlm_sponsor_code']})
        for data, code, sponsor in zip(wave, codes['mlm_agent_code'], codes['mlm_sponsor_code']):
            if code in found and not data.get('xml_id') and not data['values'].get('id'):
                data['values']['id'] = found[code]
            if sponsor and sponsor not in found and file.dryrun and sponsor in file:
                data['values'].pop('mlm_sponsor_code')  # in another batch, which has been undone
        known = self.browse([data['values']['id'] for data in wave if data['values'].get('id')])
        histories = known._mlm_read_histories()
        changed = []
        for data in wave:
            if data['values'].get('id'):
                data['record'] = self.browse(data['values']['id']).with_prefetch(known._prefetch_ids)
                data['values'] = data['record']._mlm_differing(data['values'], histories)
            if len(data['values']) > bool(data['values'].get('id')):
                changed.append(data)
        return changed

    def _mlm_differing(self, values, histories):
        """What of the values of a row differs from this contact."""
        self.ensure_one()
        [values] = self._mlm_resolve_sponsors([dict(values)])  # the row is stored again if the batch fails
        date = fields.Date.to_date(values.pop('mlm_place_date', None))
        differing = self._mlm_leave_out_known(values, date, histories) if date else values
        if 'mlm_agent_code' in differing and self.mlm_agent_code == (differing['mlm_agent_code'] or '').strip().upper():
            differing = {name: value for name, value in differing.items() if name != 'mlm_agent_code'}
        differing = {
            name: value for name, value in differing.items() if name == 'id' or self._fields[name].type in (
                'one2many', 'many2many', 'properties') or self._fields[name].convert_to_write(self[name], self) != value}
        if date and {'mlm_sponsor_id', 'mlm_agent_state'} & differing.keys():
            differing['mlm_place_date'] = date
        return differing

    def _mlm_read_histories(self):
        """``{partner_id: [(sponsor_id, agent_state, date_from, date_to)]}``, oldest first."""
        histories = defaultdict(list)
        # Compared with what the user wants to write on contacts whose access is checked by writing them.
        for row in self.env['mlm.sponsorship'].sudo().search([('partner_id', 'in', self.ids)], order='date_from'):
            histories[row.partner_id.id].append((row.sponsor_id.id, row.agent_state, row.date_from, row.date_to))
        return histories

    def _mlm_leave_out_known(self, vals, date, histories):
        """Leave the place out of ``vals`` if the contact had it on a day already.

        :raise ValidationError: if it has the place only since a later day
        """
        self.ensure_one()
        place = (vals.get('mlm_sponsor_id', self.mlm_sponsor_id.id) or False, vals.get('mlm_agent_state', self.mlm_agent_state))
        on_day = next((
            row[:2] for row in histories[self.id] if row[2] <= date and (not row[3] or row[3] > date)), (False, 'none'))
        if on_day == place:
            return {name: value for name, value in vals.items() if name not in ('mlm_sponsor_id', 'mlm_agent_state')}
        if (self.mlm_sponsor_id.id, self.mlm_agent_state) == place:
            raise ValidationError(self.env._(
                '%(contact)s has this sponsor and state only since %(since)s, not since %(date)s, and history is not '
                'rewritten. Enter %(since)s, or leave the day empty.', contact=self.display_name,
                since=format_date(self.env, histories[self.id][-1][2]), date=format_date(self.env, date)))
        return vals
