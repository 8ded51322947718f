# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""References of rows that are written by the hundred thousand."""
from odoo import fields
from odoo.tools import SQL, sql


class UncheckedMany2one(fields.Many2one):
    """A many2one that the database has no foreign key for.

    PostgreSQL checks foreign keys row by row and locks what each row refers to, which for the statements of a large
    month takes longer than everything else together. So this is only for what cannot be deleted for another reason;
    whoever uses it says which.
    """

    def update_db_foreign_key(self, model, column):
        # One of an earlier version goes, whatever it did when the other row was deleted.
        for [name] in model.env.execute_query(SQL(
            """
            SELECT c.conname FROM pg_constraint c
              JOIN pg_attribute a ON a.attrelid = c.conrelid AND c.conkey = ARRAY[a.attnum]
             WHERE c.contype = 'f' AND c.conrelid = %s::regclass AND a.attname = %s
            """, model._table, self.name)):
            sql.drop_constraint(model.env.cr, model._table, name)
