# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models


class MlmLeadForm(models.Model):
    """A form of the vendor, and how far polling has come in it."""
    _name = 'mlm.lead.form'
    _description = 'Form of a Lead Source'
    _order = 'source_id, name, id'

    source_id = fields.Many2one('mlm.lead.source', required=True, index=True, ondelete='cascade')
    external_id = fields.Char(required=True, readonly=True)
    name = fields.Char(readonly=True)
    watermark = fields.Datetime(
        readonly=True, help='The newest lead that is stored. It moves only when a form was read to its end.')
    vendor_count = fields.Integer(string='At the Vendor', readonly=True, help='Leads that the vendor counts, if it tells.')
    stored_count = fields.Integer(string='Stored Here', compute='_compute_stored_count')
    last_error = fields.Char(readonly=True)

    _external_uniq = models.UniqueIndex('(source_id, external_id)', 'A source knows each form once.')

    @api.depends('source_id.event_ids.form_id')
    def _compute_stored_count(self):
        counts = {(source.id, form): count for source, form, count in self.env['mlm.lead.event']._read_group(
            [('source_id', 'in', self.source_id.ids)], ['source_id', 'form_id'], ['__count'])}
        for form in self:
            form.stored_count = counts.get((form.source_id.id, form.external_id), 0)
