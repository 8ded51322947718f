# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class IrActionsReport(models.Model):
    _inherit = 'ir.actions.report'

    def _render_qweb_pdf_prepare_streams(self, report_ref, data, res_ids=None):
        """Print agents one by one: an unpatched wkhtmltopdf cannot tell several documents of one file apart."""
        if not res_ids or len(res_ids) == 1 or self._get_report(report_ref).report_name != 'mlm_network.report_performance':
            return super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=res_ids)
        streams = {}
        for res_id in res_ids:
            streams.update(super()._render_qweb_pdf_prepare_streams(report_ref, data, res_ids=[res_id]))
        return streams
