# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import logging
from datetime import UTC, timedelta

from odoo import api, fields, models

from ..adapters.base import AccessLost, Temporary, Unreadable
from ..adapters.text import as_text

_logger = logging.getLogger(__name__)


class MlmLeadSource(models.Model):
    _inherit = 'mlm.lead.source'

    @api.model
    def _cron_poll(self):
        """Ask every source that is due."""
        cron = self.env['ir.cron']
        due = self.search([
            ('state', '=', 'running'), ('poll_enabled', '=', True),
            '|', ('next_poll', '=', False), ('next_poll', '<=', fields.Datetime.now())]).filtered('can_poll')
        for number, source in enumerate(due):
            source.with_company(source.company_id)._poll()
            # commit: what one vendor told does not depend on the next one
            if not cron._commit_progress(1, remaining=len(due) - number - 1):
                return

    def _poll(self):
        """Read what the vendor holds and store what is new. An error never moves a watermark."""
        self.ensure_one()
        wait, error = self.poll_minutes * 60, None
        try:
            self._read_pages()
        except AccessLost as lost:
            self._stop(lost)
            return
        except Temporary as busy:
            error, wait = busy, max(wait, busy.retry_after or 0)
        except Unreadable as unreadable:
            error = unreadable
        except Exception as unknown:  # noqa: BLE001  one source must not end the polling of the others
            _logger.warning('polling of lead source %s: %s', self.id, type(unknown).__name__)
            error = unknown
        now = fields.Datetime.now()
        if error:
            self.write({'last_error': as_text(self._explain(error), 2000), 'last_error_at': now,
                'next_poll': now + timedelta(seconds=wait)})
        else:
            self.write({'last_success': now, 'next_poll': now + timedelta(seconds=wait)})
        self.env['mlm.lead.event']._wake_up()

    def _read_pages(self):
        forms = {form.external_id: form for form in self.form_ids}
        known = {id_: form._stand() for id_, form in forms.items()}
        newest = {}
        for page in self._get_adapter().poll(known, timedelta(hours=self.poll_overlap_hours)):
            id_ = page.form.external_id
            self.env['mlm.lead.event']._store(self, page.inbounds, 'poll')
            times = [inbound.submitted_at for inbound in page.inbounds if inbound.submitted_at]
            newest[id_] = max([*times, *([newest[id_]] if id_ in newest else [])],
                default=None) if times or id_ in newest else None
            form = forms.get(id_)
            if not form:
                form = forms[id_] = self.env['mlm.lead.form'].create({'source_id': self.id, 'external_id': id_})
            if page.error:
                form.last_error = as_text(self._explain(page.error), 500)
            if page.last:
                # The newest come first: only a form that was read to its end has all leads up to the newest.
                stored = newest[id_] and newest[id_].astimezone(UTC).replace(tzinfo=None)
                form.write({
                    'name': page.form.name, 'vendor_count': page.count or 0, 'last_error': False,
                    'watermark': max(filter(None, (stored, form.watermark)), default=False),
                    **({} if page.form.watermark else {'full_read_at': fields.Datetime.now()})})
                # commit: the leads of this form are committed, so its watermark may be
                self.env['ir.cron']._commit_progress(0)
