# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""References of rows that are written by the hundred thousand."""
from odoo import fields
from odoo.tools import sql


class UncheckedMany2one(fields.Many2one):
    """A many2one that the database has no foreign key for.

    PostgreSQL checks foreign keys row by row and locks what each row refers to, which for the statements of a large
    month takes longer than everything else together. So this is only for what cannot be deleted for another reason;
    whoever uses it says which.
    """

    def update_db_foreign_key(self, model, column):
        comodel = model.env[self.comodel_name]
        for name in sql.get_foreign_keys(
                model.env.cr, model._table, self.name, comodel._table, 'id', self.ondelete or 'set null'):
            sql.drop_constraint(model.env.cr, model._table, name)  # of an earlier version
