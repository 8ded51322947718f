# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, models
from odoo.tools.pdf import ArrayObject, DictionaryObject, NameObject


class IrActionsReport(models.Model):
    _inherit = 'ir.actions.report'

    @api.model
    def _add_pages_to_writer(self, writer, document, prefix=None):
        super()._add_pages_to_writer(writer, document, prefix)
        # Odoo fills in a form wherever it merges the company's pages, and newer versions of pypdf refuse to where there is none.
        root = writer._root_object
        if '/AcroForm' not in root:
            root[NameObject('/AcroForm')] = DictionaryObject({NameObject('/Fields'): ArrayObject()})
