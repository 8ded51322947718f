# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import SQL

# What tells who somebody is, or was entered about the person. Country, language and currency say nothing of it.
PERSONAL_FIELDS = (
    'additional_info', 'barcode', 'category_id', 'city', 'comment', 'company_name', 'company_registry', 'email', 'function',
    'image_1920', 'mlm_public_name', 'partner_latitude', 'partner_longitude', 'phone', 'ref', 'state_id', 'street', 'street2',
    'vat', 'website', 'zip',
)


class ResPartner(models.Model):
    """Contacts whom the network cannot lose become nameless: places, history and sums stay what they were."""
    _inherit = 'res.partner'

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _mlm_kept_models(self):
        """Models whose records stay when a person is forgotten: they hold no name of their own, and tree or sums would be
        wrong without them. A hook: who keeps such records adds them.

        :rtype: set[str]
        """
        return {'mlm.sponsorship', 'mlm.placement', 'mlm.place.change'}

    @api.model
    @api.private
    def _mlm_credit_fields(self):
        """By which field a model names the agent who is credited with somebody else's record. A hook.

        :rtype: dict[str, str]
        """
        return {'crm.lead': 'mlm_agent_id', 'sale.order': 'mlm_agent_id', 'mlm.application': 'sponsor_id'}

    @api.private
    def _mlm_is_kept(self):
        """Whether tree or sums need this contact, so that it can only become nameless. A hook."""
        self.ensure_one()
        return bool(
            self.mlm_sponsor_id or self.mlm_agent_code or self.mlm_agent_state != 'none' or self.mlm_placed
            or self.env['mlm.sponsorship'].search_count(
                ['|', ('partner_id', '=', self.id), ('sponsor_id', '=', self.id)], limit=1)
            or self.env['mlm.placement'].search_count([('placement_id', '=', self.id)], limit=1))

    @api.private
    def _mlm_anonymize(self):
        """Take everything from a contact, and its contact persons and addresses, that tells who it is; keep the place.

        The agent code stays: it says who is meant to nobody but the company's own documents, which must be kept, and they
        would not be told apart without it.

        :raise UserError: if one of them is a user of the staff
        """
        people = self.with_context(active_test=False, tracking_disable=True).search([('id', 'child_of', self.ids)])
        users = people.user_ids
        staff = users.filtered(lambda user: user._is_internal())
        if staff:
            raise UserError(self.env._(
                '%s is one of your users. Archive the user first, then take away its rights.', staff[0].display_name))
        names = {person: person.name for person in people if person.name}
        addresses = {address for address in [*people.mapped('email'), *people.mapped('email_normalized'),
                                             *users.mapped('login')] if address and '@' in address}
        # What was written before in this transaction is compared when it ends, and would be told with the old values.
        people._track_discard()
        for person in people:
            person.write(person._mlm_anonymous_values())
        for user in users:  # by now Odoo's note about the login has nobody to go to
            user.write({'active': False, 'login': 'anonymous-%s' % user.id, 'signature': False})
        people._mlm_forget_traces(names)
        people._mlm_forget_addresses(addresses)
        people.with_context(active_test=True).active = False  # only active users keep a contact from being archived

    # === TOOLING === #

    def _mlm_anonymous_values(self):
        self.ensure_one()
        return {
            **{name: False for name in PERSONAL_FIELDS if name in self._fields},
            'name': self.env._('Anonymous %s', self.mlm_agent_code or self.id),
        }

    def _mlm_forget_traces(self, names):
        """What stands about these contacts elsewhere: messages, files, activities, accounts, and names in texts.

        :param dict names: ``{contact: name before}``
        """
        self.activity_ids.unlink()
        self.env['ir.attachment'].search([('res_model', '=', 'res.partner'), ('res_id', 'in', self.ids)]).unlink()
        for account in self.bank_ids:
            account.write({'acc_number': self.env._('Anonymous %s', account.id), 'acc_holder_name': False, 'active': False})
        for model in ('mlm.agent.entry', 'mlm.agent.task'):
            self.env[model].search([('partner_id', 'in', self.ids)]).unlink()
        history = self.env['mlm.sponsorship'].search([('partner_id', 'in', self.ids), ('reason', '!=', False)])
        placements = self.env['mlm.placement'].search([('partner_id', 'in', self.ids), ('reason', '!=', False)])
        (history.reason, placements.reason) = (False, False)
        self._mlm_forget_changes(names)
        self._mlm_forget_messages(names)
        self.invalidate_recordset(['message_ids'])
        self.message_ids.unlink()  # last of all: some of this leaves a note on the contact

    def _mlm_forget_changes(self, names):
        """Changes of the network say in words what they did, so they name people."""
        changes = self.env['mlm.place.change'].search(['|', ('partner_ids', 'in', self.ids), ('sponsor_id', 'in', self.ids)])
        if not changes:
            return
        changes.message_ids.unlink()
        changes.activity_ids.unlink()
        changes.flush_recordset()
        # A decided change takes no new values; these only name others by another name.
        for person, name in names.items():
            self.env.cr.execute(SQL(
                'UPDATE mlm_place_change SET result = replace(result, %s, %s) WHERE id = ANY(%s)',
                name, person.name, changes.ids))
        self.env.cr.execute(SQL('UPDATE mlm_place_change SET reason = %s WHERE id = ANY(%s)', '-', changes.ids))
        changes.invalidate_recordset(['result', 'reason'])

    def _mlm_forget_messages(self, names):
        """What others were told about these contacts, and what was sent to them, names them no more.

        :param dict names: as above
        """
        self.env.flush_all()
        for old, text in (('old_value_integer', 'old_value_char'), ('new_value_integer', 'new_value_char')):
            self.env.cr.execute(SQL(
                '''UPDATE mail_tracking_value v SET %(text)s = p.name FROM res_partner p, ir_model_fields f
                    WHERE p.id = ANY(%(ids)s) AND v.%(old)s = p.id AND f.id = v.field_id AND f.relation = 'res.partner' ''',
                text=SQL.identifier(text), old=SQL.identifier(old), ids=self.ids))
        for person, name in names.items():
            messages = SQL(' UNION ').join(person._mlm_messages_naming())
            self.env.cr.execute(SQL(
                '''UPDATE mail_message SET body = replace(body, %(old)s, %(new)s), subject = replace(subject, %(old)s, %(new)s)
                    WHERE id IN (%(messages)s);
                   UPDATE mail_mail SET body_html = replace(body_html, %(old)s, %(new)s) WHERE mail_message_id IN (%(messages)s)
                ''', old=name, new=person.name, messages=messages))
        for person in self:
            sent = SQL(' UNION ').join(person._mlm_messages_sent())
            self.env.cr.execute(SQL(
                '''UPDATE mail_message SET outgoing_email_to = NULL WHERE outgoing_email_to IS NOT NULL AND id IN (%(sent)s);
                   UPDATE mail_mail SET email_to = NULL WHERE mail_message_id IN (%(sent)s)''', sent=sent))
        self.env.cr.execute(SQL(
            'UPDATE mail_message SET email_from = NULL, reply_to = NULL WHERE author_id = ANY(%s)', self.ids))
        self.env.invalidate_all()

    @api.model
    def _mlm_forget_addresses(self, addresses):
        """Mails that went to an address, whoever it is: the address goes."""
        self.env.flush_all()
        columns = [('mail_mail', name) for name in ('email_to', 'email_cc', 'headers')] + [
            ('mail_message', name) for name in ('outgoing_email_to', 'email_from', 'reply_to')]
        likes = ['%' + re.sub(r'([\\%_])', r'\\\1', address) + '%' for address in addresses]
        for table, column in columns if likes else ():
            self.env.cr.execute(SQL(
                'UPDATE %(table)s SET %(column)s = NULL WHERE %(column)s ILIKE ANY(%(likes)s)',
                table=SQL.identifier(table), column=SQL.identifier(column), likes=likes))
        self.env.invalidate_all()

    def _mlm_messages_sent(self):
        """SELECTs of the ids of messages that went to this contact."""
        return [SQL(query, self.id) for query in (
            'SELECT mail_message_id FROM mail_notification WHERE res_partner_id = %s',
            'SELECT mail_message_id FROM mail_message_res_partner_rel WHERE res_partner_id = %s',
            '''SELECT m.mail_message_id FROM mail_mail m
                 JOIN mail_mail_res_partner_rel r ON r.mail_mail_id = m.id WHERE r.res_partner_id = %s''')]

    def _mlm_messages_naming(self):
        """SELECTs of the ids of messages in which this contact may be named: sent to it, by it, or about what it brought."""
        credited = [SQL(
            'SELECT id FROM mail_message WHERE model = %s AND res_id IN (SELECT id FROM %s WHERE %s = %s)',
            model, SQL.identifier(self.env[model]._table), SQL.identifier(field), self.id)
            for model, field in self._mlm_credit_fields().items()]
        return [*self._mlm_messages_sent(), SQL('SELECT id FROM mail_message WHERE author_id = %s', self.id), *credited]
