# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from urllib.parse import urlsplit

from markupsafe import Markup

from odoo import fields, models
from odoo.http import db_list

from ..adapters.base import AccessLost, AdapterError


class MlmLeadSource(models.Model):
    _inherit = 'mlm.lead.source'

    def action_check(self):
        """Say in words what is missing; credentials and permissions are tried with the vendor."""
        for source in self:
            source.check_access('write')
            rows = [*source._check_own_side(), *source._check_vendor_side()]
            lines = Markup().join(
                Markup('<li class="%s">%s %s</li>') % ('text-success' if good else 'text-danger', '✔' if good else '✘', text)
                for good, text in rows)
            source.write({'check_result': Markup('<ul class="list-unstyled">%s</ul>') % lines,
                'check_date': fields.Datetime.now()})

    def _check_own_side(self):
        """:return: iterator of (good, sentence)"""
        missing = self._missing_settings()
        yield (not missing, self.env._('All necessary credentials are entered.') if not missing else
               self.env._('Still missing under Credentials: %s.', ', '.join(missing)))
        url = urlsplit(self.get_base_url())
        if self.has_webhook:
            secure = url.scheme == 'https'
            yield (secure, self.env._('The address begins with https.') if secure else self.env._(
                'The address does not begin with https, and vendors refuse anything else. Set the system parameter web.base.url '
                'to the public https address of this database.'))
            # A vendor sends neither cookie nor header: Odoo must find this database by the host alone.
            databases = db_list(force=True, host=url.netloc)
            alone = databases == [self.env.cr.dbname]
            yield (alone, self.env._('Calls to %s reach this database.', url.hostname) if alone else self.env._(
                'Calls to %(host)s do not reach this database, since %(count)s databases fit this host. Set dbfilter in Odoo\'s '
                'configuration so that exactly this one is left, or db_name.', host=url.hostname, count=len(databases)))
        # sudo: only whether the jobs run
        jobs = [self.env.ref(f'mlm_lead_import.{name}', raise_if_not_found=False)
            for name in ('ir_cron_process', 'ir_cron_poll', 'ir_cron_deadline')]
        off = [job.sudo().name for job in jobs if job and not job.sudo().active]
        yield (not off, self.env._('The scheduled jobs are on.') if not off else self.env._(
            'These scheduled jobs are off: %s. Switch them on under Settings / Technical / Scheduled Actions.', ', '.join(off)))
        yield (self.state == 'running', self.env._('The source is running.') if self.state == 'running' else
               self.env._('The source is not running: press Start. Until then calls are refused.'))

    def _check_vendor_side(self):
        adapter = self._get_adapter()
        try:
            for finding in adapter.check():
                text = self.env._(finding.template)  # pylint: disable=gettext-variable
                yield finding.ok, text % finding.values if finding.values else text
        except AdapterError as error:
            yield False, self._explain(error)
            if isinstance(error, AccessLost) and self.state == 'running':
                yield False, self.env._('The next attempt will stop this source.')
