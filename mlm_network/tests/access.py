# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Tries the access table of an addon's docs, every cell as every role.

The table is the source: a line for each model and whose record it is, a column for each role, in the cells r (read),
w (write), c (create), d (delete) or - (nothing).
"""

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.models import MAGIC_COLUMNS
from odoo.tests import new_test_user
from odoo.tools import file_path, mute_logger

OPERATIONS = {'r': 'read', 'w': 'write', 'c': 'create', 'd': 'unlink'}
CONTACTS = 'base.group_user,base.group_partner_manager'
STAFF = {
    'Employee': 'base.group_user',
    'Salesperson': CONTACTS + ',sales_team.group_sale_salesman',
    'Officer': 'mlm_network.group_officer',
    'Manager': 'mlm_network.group_manager',
    'Accountant': 'account.group_account_invoice',
}
QUIET = ('odoo.sql_db', 'odoo.addons.base.models.ir_model', 'odoo.addons.base.models.ir_rule')


def read_table(addon):
    """``{(model, whose): {role: rights}}`` from the addon's ``docs/access.md``."""
    with open(file_path(addon + '/docs/access.md'), encoding='utf-8') as file:
        lines = [[cell.strip() for cell in line.strip().strip('|').split('|')] for line in file if line.startswith('|')]
    head, _rule, *body = lines
    table = {(line[0].strip('`'), line[1]): dict(zip(head[2:], line[2:], strict=True)) for line in body}
    if len(table) != len(body) or any(set(rights) - set('rwcd-') for roles in table.values() for rights in roles.values()):
        raise ValueError('The access table of %s has a line twice, or a cell that is none of r, w, c, d and -.' % addon)
    return table


class AccessTableMixin:
    """For a test case: `make_users` in setUpClass, then `try_table`."""

    @classmethod
    def make_users(cls, company, agent, **more):
        """Somebody for each column: ``{role: res.users}``.

        :param agent: the contact of the portal's agent
        :param more: groups of further roles
        """
        home = {'company_id': company.id, 'company_ids': [Command.set(company.ids)]}
        other = cls.env['res.company'].create({'name': 'Table Other'})
        return {
            'Agent': new_test_user(cls.env, 'mlm_table_agent', 'base.group_portal', partner_id=agent.id),
            'Stranger': new_test_user(cls.env, 'mlm_table_stranger', 'base.group_portal'),
            'Public': cls.env.ref('base.public_user'),
            **{role: new_test_user(cls.env, 'mlm_table_' + role.lower(), groups, **home)
               for role, groups in {**STAFF, **more}.items()},
            'Other company': new_test_user(
                cls.env, 'mlm_table_other', STAFF['Manager'] + ',sales_team.group_sale_manager,account.group_account_invoice',
                company_id=other.id, company_ids=[Command.set(other.ids)]),
        }

    def try_table(self, addon, users, records):
        """:param records: ``{(model, whose): record}``, one for each line of the table"""
        table = read_table(addon)
        self.assertEqual(set(records), set(table), 'a record for each line')
        own = {name for name, model in self.env.registry.items()
               if model._original_module == addon and not model._abstract}
        self.assertFalse(own - {model for model, _whose in table}, 'models of the addon without a line')
        for line, roles in table.items():
            self.assertEqual(set(roles), set(users), 'a user for each column')
            record = records[line].sudo()
            self.assertEqual(len(record), 1, line)
            attachment = self.env['ir.attachment'].sudo()
            if record.id < 2 ** 31:  # nothing can be attached to the lines of a view over several tables
                attachment = attachment.create({
                    'name': 'secret', 'raw': b'secret', 'res_model': record._name, 'res_id': record.id})
            for role, rights in roles.items():
                for letter, operation in OPERATIONS.items():
                    with self.subTest(model=line[0], whose=line[1], role=role, operation=operation), mute_logger(*QUIET):
                        self.env.invalidate_all()
                        user = users[role].sudo()
                        mine = record.with_user(user).with_context(allowed_company_ids=user.company_id.ids)
                        if letter in rights or operation == 'create':
                            self.assertEqual(mine.has_access(operation), letter in rights)
                        getattr(self, '_try_' + operation)(mine, letter in rights, attachment)

    def _tried(self, action, allowed, has_access=True):
        """Run it and undo it: who may is not denied (though perhaps refused for what is wrong), who may not is denied.

        :param bool has_access: False if the rights alone deny it, so that a model may refuse it before they are asked
        """
        savepoint = self.cr.savepoint()
        try:
            if allowed:
                try:
                    return action()
                except AccessError:
                    raise
                except Exception:  # noqa: BLE001  the cell says nothing about values that are missing or wrong
                    return None
            self.assertRaises(AccessError if has_access else UserError, action)
        finally:
            savepoint.close(rollback=True)
            self.env.invalidate_all()
        return None

    def _plain_field(self, record):
        """The name of a stored field of one value, one that people fill in if there is one."""
        return min((
            (field.readonly, field.type not in ('char', 'text'), name) for name, field in record._fields.items()
            if field.store and name not in (*MAGIC_COLUMNS, 'state') and not field.groups and not field.translate
            and field.type not in ('one2many', 'many2many', 'many2one_reference', 'reference', 'json', 'binary')))[-1]

    def _try_read(self, record, allowed, attachment):
        model, id_, name = record.browse(), record.id, self._plain_field(record)
        domain = [('id', '=', id_)]
        self._tried(lambda: record.read([name]), allowed)
        self._tried(lambda: record.web_read({name: {}}), allowed)
        if allowed:
            self.assertEqual(model.with_context(active_test=False).search(domain), record)
            return
        with self.assertRaises(UserError):  # an AccessError, or no right to export anything
            record.export_data([name])
        if attachment:
            self._tried(lambda: attachment.with_user(record.env.user).read(['raw']), False)
        try:
            self.assertFalse(model.search([*domain, ('id', '!=', 0)]))
            self.assertFalse(model.search_count(domain))
            self.assertFalse(model.formatted_read_group(domain, [], ['__count'])[0]['__count'])
            self.assertFalse(model.name_search('', domain))
        except AccessError:
            self.assertFalse(model.has_access('read'), 'whoever may read some only does not find the others')

    def _try_write(self, record, allowed, attachment):
        name = self._plain_field(record)
        value = record._fields[name].convert_to_write(record.sudo()[name], record.sudo())
        self._tried(lambda: record.write({name: value}), allowed, record.has_access('write'))

    def _try_create(self, record, allowed, attachment):
        model = record.browse()
        if allowed or not model.has_access('create'):
            self._tried(lambda: model.create({}), allowed, model.has_access('create'))

    def _try_unlink(self, record, allowed, attachment):
        self._tried(record.unlink, allowed, record.has_access('unlink'))
