# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import fields, models


class MlmLeadFileColumn(models.TransientModel):
    _name = 'mlm.lead.file.column'
    _description = 'Column of a Lead File'

    file_id = fields.Many2one('mlm.lead.file', required=True, index=True, ondelete='cascade')
    name = fields.Char(string='Header', readonly=True)
    meaning = fields.Selection(
        selection=lambda self: self.env['mlm.lead.column']._selection_meaning(),
        help='Empty: an answer, which stands in the description or goes where the source\'s questions send it.')
    sample = fields.Char(string='First Value', readonly=True)
