# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re
from collections import Counter

from odoo import api, models
from odoo.exceptions import AccessError, ValidationError
from odoo.tools import SQL

from ..const import OPEN_STATES, SPONSOR_STATES
from ..tools.tree import SPONSOR, find_loop, read_edges

CODE_SEQUENCE = 'mlm.agent.code'


class MlmPlaceMixin(models.AbstractModel):
    """Who may stand where: the checks behind the place of a contact, and what follows from a change.

    Part of ``res.partner``; apart only to keep files short.
    """
    _name = 'mlm.place.mixin'
    _description = 'Place in the Network'

    # --- before storing ---

    @api.model
    def _mlm_clean_values(self, vals):
        if 'mlm_agent_state' in vals and not vals['mlm_agent_state']:
            vals = {**vals, 'mlm_agent_state': 'none'}  # an empty cell of an import
        if 'mlm_agent_code' not in vals:
            return vals
        code = (vals['mlm_agent_code'] or '').strip().upper() or False
        if code and not re.fullmatch(r'[A-Z0-9][A-Z0-9._-]*', code):
            raise ValidationError(self.env._(
                'The agent code "%(code)s" cannot stand in a link. Use letters A to Z, digits, dot, dash and underscore.',
                code=code))
        return {**vals, 'mlm_agent_code': code}

    @api.model
    def _mlm_check_codes(self, codes, but=()):
        """Refuse ``codes`` that two contacts would share; ``but`` may have them already."""
        counts = Counter(code for code in codes if code)
        if not counts:
            return
        # Codes are unique over all companies, so look at all; the name is shown only to who may read it.
        holder = self.env['res.partner'].sudo().with_context(active_test=False).search(
            [('mlm_agent_code', 'in', list(counts)), ('id', 'not in', but.ids if but else [])], limit=1)
        code = holder.mlm_agent_code or next((code for code, count in counts.items() if count > 1), None)
        if not code:
            return
        visible = holder.sudo(self.env.su)._filtered_access('read')
        raise ValidationError(self.env._(
            'The agent code %(code)s belongs to %(holder)s already. Choose another one, or leave it empty to draw the next.',
            code=code, holder=visible.display_name or self.env._('another contact')))

    def _mlm_sort_changes(self, vals):
        """Sort self by what writing ``vals`` would change, before it is written.

        :return: four recordsets: anything of the place, the sponsor, from no agent to agent, from a
            possible sponsor to none
        """
        def changes(name, partner):
            return name in vals and (partner[name].id if name == 'mlm_sponsor_id' else partner[name]) != vals[name]

        sponsor, state = 'mlm_sponsor_id', vals.get('mlm_agent_state')
        moved = self.filtered(lambda p: changes(sponsor, p) and (p[sponsor] or vals[sponsor]))
        turned = self.filtered(lambda p: changes('mlm_agent_state', p))
        entered = turned.filtered(lambda p: p.mlm_agent_state == 'none')
        demoted = turned.filtered(lambda p: p.mlm_agent_state in SPONSOR_STATES and state not in SPONSOR_STATES)
        return moved | turned | self.filtered(lambda p: changes('mlm_agent_code', p)), moved, entered, demoted

    def _mlm_check_may_change(self, is_guarded):
        """Only an officer of the network changes the place of agents; customers' sponsors are free."""
        if self.env.su or self.env.user.has_group('mlm_network.group_officer'):
            return
        guarded = self.filtered(is_guarded)
        if guarded:
            raise AccessError(self.env._(
                '%(contact)s is, or would become, an agent. Only officers of the network may change the sponsor, state or '
                'code of agents, or delete them: ask one of them to do it.', contact=guarded[0].display_name))

    @api.model
    def _mlm_is_told(self, sponsor):
        """Whether a file that is being imported tells who the sponsor is, and not only this user."""
        return False

    def _mlm_check_date(self):
        """Refuse a change dated to a day from which on nothing must change any more, however it came here.

        Whoever is new may have been there for long: nobody was paid for, or by, a contact that was not known.
        """
        date = self.env['mlm.sponsorship']._get_given_date()
        if date and not self.env.su:  # code that runs as superuser has asked before
            self._mlm_check_change_date(date)

    # --- after storing ---

    def _mlm_check_sponsors(self):
        """Refuse sponsors who are no agents, or terminated, however recently."""
        sponsored = self.filtered('mlm_sponsor_id')
        if not sponsored:
            return
        # A sponsor that the user may not read is none that the user could have chosen.
        sponsored.mlm_sponsor_id.check_access('read')
        # The lock makes a termination that is under way wait for us, or, where it came first, makes
        # this transaction fail to serialise and run again. In order of id, against deadlocks.
        states = dict(self.env.execute_query(SQL(
            'SELECT id, %s FROM res_partner WHERE id = ANY(%s) ORDER BY id FOR SHARE',
            SQL.identifier('mlm_agent_state', to_flush=self._fields['mlm_agent_state']),
            sponsored.mlm_sponsor_id.ids,
        )))
        for partner in sponsored:
            sponsor = partner.mlm_sponsor_id
            state = states[sponsor.id]
            if state in OPEN_STATES or (state in SPONSOR_STATES and partner._mlm_is_told(sponsor)):
                continue
            names = {'contact': partner.display_name, 'sponsor': sponsor.display_name}
            if state == 'terminated':
                raise ValidationError(self.env._(
                    '%(contact)s cannot come to stand under %(sponsor)s, who is terminated. Choose another sponsor, for '
                    'instance the one above.', **names))
            raise ValidationError(self.env._(
                '%(contact)s cannot stand under %(sponsor)s, who is not an active agent. Make %(sponsor)s an active '
                'agent first, or choose another sponsor.', **names))

    def _mlm_check_no_loop(self, tree=SPONSOR):
        """Refuse to be one's own upline: one query for the edges above self, then linear in them.

        :param str tree: the field that says who stands above
        """
        if not self:
            return
        edges = read_edges(self, self.ids, above=tree)
        offender = self.browse(find_loop(edges, self.ids) or [])
        if offender:
            sponsor = self.browse(edges[offender.id][0])
            raise ValidationError(self.env._(
                '%(agent)s cannot stand under %(sponsor)s: nobody can be part of the own upline, and %(sponsor)s stands '
                'below %(agent)s. Move %(sponsor)s to another sponsor first, or choose a sponsor outside the downline.',
                agent=offender.display_name, sponsor=sponsor.display_name,
            ) if sponsor != offender else self.env._(
                '%(agent)s cannot be the own sponsor. Choose another one, or none to stand at the top.',
                agent=offender.display_name))

    def _mlm_apply(self, dates=None):
        """What follows from a new place: a code for an agent, the history, a tree to be read afresh.

        :param dict dates: ``{partner_id: day}`` from which on the places of some hold
        """
        lacking = self.filtered(lambda p: p.mlm_agent_state != 'none' and not p.mlm_agent_code)
        if lacking:
            codes = self._mlm_draw_codes(len(lacking))
            # One statement for all, and no second round through every override of write().
            lacking.flush_recordset(['mlm_agent_code'])
            self.env.cr.execute(SQL(
                '''UPDATE res_partner p SET mlm_agent_code = v.code
                     FROM unnest(%s::int[], %s::varchar[]) AS v(id, code) WHERE p.id = v.id''',
                lacking.ids, codes,
            ))
            lacking.invalidate_recordset(['mlm_agent_code'], flush=False)
            lacking.modified(['mlm_agent_code'])
        self.env['mlm.sponsorship']._record(self, dates)
        self.env.cr.postcommit.data.setdefault('mlm_network.changed', set()).update(self.ids)
        # These depend on the whole tree, not only on the records that the ORM would look at.
        self.invalidate_model([
            'mlm_upline_ids', 'mlm_downline_ids', 'mlm_downline_count', 'mlm_downline_size', 'mlm_frontline_count',
            'mlm_customer_count',
            'mlm_depth', 'mlm_since', 'mlm_place_date', 'mlm_sponsor_code',
        ], flush=False)

    @api.model
    def _mlm_draw_codes(self, count):
        """``count`` fresh agent codes, past those that were given by hand."""
        # Drawing numbers tells nothing and gives nothing, so whoever may make an agent may do it.
        sequence = self.env['ir.sequence'].sudo().search(
            [('code', '=', CODE_SEQUENCE), ('company_id', 'in', [self.env.company.id, False])],
            order='company_id', limit=1)
        if not sequence:
            raise ValidationError(self.env._(
                'The sequence of agent codes (%(code)s) is missing. Create it under Settings / Technical / Sequences, or '
                'type the code of the agent.', code=CODE_SEQUENCE))
        codes = []
        while len(codes) < count:
            missing = count - len(codes)
            if sequence.implementation == 'standard' and not sequence.use_date_range:
                numbers = self.env.execute_query(SQL(
                    'SELECT nextval(%s) FROM generate_series(1, %s)', 'ir_sequence_%03d' % sequence.id, missing))
                drawn = [sequence.get_next_char(number) for number, in numbers]
            else:
                drawn = [sequence.next_by_id() for _number in range(missing)]
            drawn = [code.strip().upper() for code in drawn]
            taken = {code for code, in self.env.execute_query(SQL(
                'SELECT mlm_agent_code FROM res_partner WHERE mlm_agent_code = ANY(%s)', drawn,
                to_flush=self._fields['mlm_agent_code']))}
            codes += [code for code in drawn if code not in taken]
        return codes

    def _mlm_check_nobody_below(self):
        """Refuse that self, no longer sponsors, have anybody below, simultaneously created people too."""
        if not self:
            return
        self.env['mlm.sponsorship']._check_nobody_below(self)
        self.flush_recordset(['mlm_agent_state'])
        # From here on the row locks keep newcomers out; who was committed below since our snapshot was
        # taken is seen only from a fresh one.
        with self.env.registry.cursor() as cr:
            cr.execute(SQL('SELECT id, mlm_sponsor_id FROM res_partner WHERE mlm_sponsor_id = ANY(%s)', self.ids))
            below = dict(cr.fetchall())
        below = {id_: agent_id for id_, agent_id in below.items()
                 if id_ not in self.env.cr.postcommit.data.get('mlm_network.changed', ())}
        if below:
            raise ValidationError(self.env._(
                'Somebody was just placed under %(agent)s, who must therefore stay an agent. Reload the page to see whom.',
                agent=self.browse(next(iter(below.values()))).display_name))
