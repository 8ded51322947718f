# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import UTC, timedelta

from odoo import api, fields, models

from ..adapters.base import Form


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
    full_read_at = fields.Datetime(
        string='Read in Full', readonly=True,
        help='While the vendor counts more leads than are stored here, the form is read in full once a day.')
    last_error = fields.Char(readonly=True)

    _external_uniq = models.UniqueIndex('(source_id, external_id)', 'A source knows each form once.')

    @api.depends('source_id.event_ids.form_id')
    def _compute_stored_count(self):
        counts = {(source.id, form): count for source, form, count in self.env['mlm.lead.event']._read_group(
            [('source_id', 'in', self.source_id.ids)], ['source_id', 'form_id'], ['__count'])}
        for form in self:
            form.stored_count = counts.get((form.source_id.id, form.external_id), 0)

    # === BUSINESS METHODS === #

    @api.private
    def _stand(self):
        """From where polling goes on: the watermark, or the beginning where the counts say that something is missing. A lead
        that shows up late at the vendor is older than the watermark, and would never be read otherwise.

        :rtype: odoo.addons.mlm_lead_import.adapters.base.Form
        """
        self.ensure_one()
        today = self.full_read_at and self.full_read_at > fields.Datetime.now() - timedelta(days=1)
        missing = self.vendor_count > self.stored_count and not today
        return Form(self.external_id, self.name or '', None if missing or not self.watermark
            else self.watermark.replace(tzinfo=UTC))
