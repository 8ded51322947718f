# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import hashlib
import json
import logging
import traceback
from datetime import UTC, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.service.model import PG_CONCURRENCY_EXCEPTIONS_TO_RETRY
from odoo.tools import SQL

from ..adapters.base import AccessLost, Temporary, Unreadable
from ..adapters.text import as_text

_logger = logging.getLogger(__name__)

BATCH = 50
MAX_TRIES = 12
# Minutes to wait after the first, second, ... failure: twelve tries take two days, longer than a vendor is down.
WAITS = (1, 2, 5, 15, 30, 60, 120, 240, 360, 720, 1440)


class MlmLeadEvent(models.Model):
    """The inbox: what arrived, as it arrived. Each row has exactly one outcome, and is never deleted: stripped of
    what it held, its digest keeps the same lead from being imported again."""
    _name = 'mlm.lead.event'
    _description = 'Received Lead'
    _order = 'id desc'
    _rec_name = 'contact_name'

    source_id = fields.Many2one('mlm.lead.source', required=True, readonly=True, index=True, ondelete='restrict')
    company_id = fields.Many2one('res.company', required=True, readonly=True)
    digest = fields.Char(required=True, readonly=True, help='SHA-256 of the source and the vendor\'s id.')
    external_id = fields.Char(string='Id at the Vendor', readonly=True)
    channel = fields.Selection([('push', 'Call'), ('poll', 'Polling'), ('file', 'File')], required=True, readonly=True)
    form_id = fields.Char(string='Form', readonly=True)
    submitted_at = fields.Datetime(string='Submitted', readonly=True)
    payload = fields.Text(readonly=True, groups='base.group_system')
    state = fields.Selection(
        [('pending', 'Waiting'), ('done', 'Done'), ('failed', 'Failed'), ('test', 'Test'), ('erased', 'Erased')],
        required=True, readonly=True, default='pending')
    outcome = fields.Selection(
        [('created', 'New lead'), ('merged', 'Noted on the open lead'), ('noted', 'Noted on the customer'),
         ('repeated', 'Sent twice by the vendor')], readonly=True)
    is_test = fields.Boolean(readonly=True)
    erase_requested = fields.Boolean(readonly=True, help='The vendor asked to forget this lead.')
    tries = fields.Integer(readonly=True)
    next_try = fields.Datetime(readonly=True)
    error = fields.Text(string='Reason', readonly=True)
    error_trace = fields.Text(string='Details', readonly=True, groups='base.group_system')
    stripped = fields.Boolean(readonly=True, help='What was received is deleted, only the digest is left.')
    lead_id = fields.Many2one('crm.lead', readonly=True, index='btree_not_null', ondelete='set null')
    partner_id = fields.Many2one('res.partner', string='Customer', readonly=True, index='btree_not_null', ondelete='set null')
    # who it was, so that it can be found for whoever asks to be forgotten
    contact_name = fields.Char(readonly=True)
    email_normalized = fields.Char(string='E-mail', readonly=True)
    phone_sanitized = fields.Char(string='Phone', readonly=True)
    click_id = fields.Char(readonly=True)

    _digest_uniq = models.UniqueIndex('(source_id, digest)', 'This lead of the vendor is in the inbox already.')
    _queue_index = models.Index("(next_try, id) WHERE state = 'pending'")
    _email_index = models.Index('(email_normalized) WHERE email_normalized IS NOT NULL')
    _phone_index = models.Index('(phone_sanitized) WHERE phone_sanitized IS NOT NULL')

    @api.depends('contact_name', 'external_id')
    def _compute_display_name(self):
        for event in self:
            event.display_name = event.contact_name or self.env._('Received lead %s', event.id)

    # === CRUD METHODS === #

    @api.model_create_multi
    def create(self, vals_list):
        self.browse().check_access('create')  # who may not is told so, whatever is missing in the values
        for vals in vals_list:
            source = self.env['mlm.lead.source'].browse(vals['source_id'])
            vals.setdefault('company_id', source.company_id.id)
            vals.setdefault('digest', self._digest(source, vals.get('external_id')))
            vals.setdefault('next_try', fields.Datetime.now())
        return super().create(vals_list)

    @api.ondelete(at_uninstall=False)
    def _unlink_except_any(self):
        raise UserError(self.env._(
            'A received lead is not deleted, or the next poll would bring it back. Use Erase: it keeps nothing but a digest.'))

    # === ACTIONS === #

    def action_retry(self):
        """Try failed ones again, at once."""
        self._check_manager()
        failed = self.sudo().filtered(lambda e: e.state == 'failed' and e.payload)  # sudo: checked above
        failed.write({'state': 'pending', 'tries': 0, 'next_try': fields.Datetime.now(), 'error': False, 'error_trace': False})
        self._wake_up()

    def action_erase(self):
        """Forget who it was, here and on the lead it became."""
        self._check_manager()
        events = self.sudo()  # sudo: checked above
        leads = events.lead_id
        leads._mlm_erase()
        (events | leads.mlm_event_ids)._erase()

    def action_open_lead(self):
        self.ensure_one()
        return self.lead_id._get_records_action()

    def _check_manager(self):
        if not (self.env.su or self.env.user.has_group('mlm_network.group_manager')):
            raise AccessError(self.env._('Only managers of the network may do this with received leads: ask one of them.'))
        self.check_access('read')

    # === THE INBOX === #

    @api.model
    def _digest(self, source, external_id):
        return hashlib.sha256(f'{source.id}|{external_id}'.encode('utf-8', 'surrogatepass')).hexdigest()

    @api.model
    def _store(self, source, inbounds, channel):
        """Store what arrived, committed when this returns, whatever happens to the caller's transaction.

        :param inbounds: list of :class:`~odoo.addons.mlm_lead_import.adapters.base.Inbound`
        :return: how many were new
        """
        if not inbounds:
            return 0
        for _attempt in range(8):
            try:
                with self.env.registry.cursor() as cr:
                    return self._insert(cr, source, inbounds, channel)
            except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
                continue  # the same lead arrives twice at this moment; a fresh snapshot sees the other one
        raise Temporary('Too many calls at once.')

    @api.model
    def _insert(self, cr, source, inbounds, channel):
        """Store without committing. In the order of the digests, against deadlocks.

        :return: how many were new
        """
        new = 0
        unique = {self._digest(source, inbound.external_id): inbound for inbound in inbounds}
        for digest, inbound in sorted(unique.items()):
            submitted_at = inbound.submitted_at and inbound.submitted_at.astimezone(UTC).replace(tzinfo=None)
            if inbound.deleted:
                cr.execute(SQL(
                    '''UPDATE mlm_lead_event SET erase_requested = true, state = 'pending', next_try = now() AT TIME ZONE 'UTC'
                       WHERE source_id = %s AND digest = %s AND state != 'erased' ''', source.id, digest))
                if cr.rowcount:
                    continue
            cr.execute(SQL(
                '''INSERT INTO mlm_lead_event (source_id, company_id, digest, external_id, channel, form_id, submitted_at,
                                               payload, state, is_test, tries, next_try,
                                               create_uid, create_date, write_uid, write_date)
                   VALUES (%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, 0, now() AT TIME ZONE 'UTC', %s, now() AT TIME ZONE 'UTC',
                           %s, now() AT TIME ZONE 'UTC')
                   ON CONFLICT (source_id, digest) DO NOTHING''',
                source.id, source.company_id.id, digest, None if inbound.deleted else as_text(inbound.external_id, 2000), channel,
                as_text(inbound.form_id, 200) or None, submitted_at,
                None if inbound.deleted else json.dumps(inbound.payload),
                'erased' if inbound.deleted else 'pending', inbound.is_test, self.env.uid, self.env.uid))
            new += cr.rowcount
        return new

    @api.model
    def _wake_up(self):
        self.env.ref('mlm_lead_import.ir_cron_process').sudo()._trigger()  # sudo: only wakes the job

    # === THE JOB === #

    @api.model
    def _cron_process(self):
        """Work through the inbox; each lead is a transaction, so one that fails takes no other along."""
        cron = self.env['ir.cron']
        domain = [('state', '=', 'pending'), ('next_try', '<=', fields.Datetime.now())]
        busy = []  # somebody else has them at the moment
        while events := self.search([*domain, ('id', 'not in', busy)], limit=BATCH, order='next_try, id'):
            remaining = self.search_count([*domain, ('id', 'not in', busy)])
            for event in events:
                if not event._process():
                    busy.append(event.id)
                remaining = max(remaining - 1, 0)
                # commit: what one lead became must not depend on the next one
                if not cron._commit_progress(1, remaining=remaining):
                    return
        waiting = self.search([('state', '=', 'pending')], order='next_try', limit=1)
        if waiting:
            self.env.ref('mlm_lead_import.ir_cron_process')._trigger(at=waiting.next_try)

    def _process(self):
        """Give one event its outcome, or a reason and a time to try again.

        :return: False if another worker has it
        """
        self.ensure_one()
        try:
            if not self.try_lock_for_update(allow_referencing=True):
                return False
            self.invalidate_recordset()
            if self.state == 'pending':
                self._attempt()
            # Here, and not at the commit, where a conflict would end the job.
            self.env.flush_all()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            # Somebody edits the same lead or source at this moment; only a new transaction sees the result.
            self.env.cr.rollback()
            self.invalidate_recordset()
            self.next_try = fields.Datetime.now() + timedelta(seconds=30)
        return True

    def _attempt(self):
        """Do the work, or note why it could not be done."""
        try:
            self._work()
        except PG_CONCURRENCY_EXCEPTIONS_TO_RETRY:
            raise
        except Temporary as error:
            self._postpone(self.source_id._explain(error), error.retry_after)
        except AccessLost as error:
            self.source_id._stop(error)
            self._hold(self.source_id._explain(error))
        except (Unreadable, UserError, ValidationError) as error:
            self._fail(self.source_id._explain(error))
        except Exception as error:  # noqa: BLE001  an exception that left the job would, after some days, switch it off
            # The text of an exception may hold answers of a person, which must not get into a log.
            _logger.warning('received lead %s: %s', self.id, type(error).__name__)
            self.error_trace = as_text(traceback.format_exc()[-4000:])
            self._postpone(f'{type(error).__name__}: {error}')

    def _work(self):
        source = self.source_id.with_company(self.company_id)
        if self.erase_requested:
            self.action_erase()
            return
        if self.is_test:
            self._finish('test')
            return
        adapter = source._get_adapter()
        payload = json.loads(self.payload)
        if adapter.needs_fetch(payload):
            if source.state == 'stopped':
                self._hold(source.last_error)
                return
            payload = adapter.fetch(payload)
            self.payload = json.dumps(payload)
        with self.env.cr.savepoint():
            record = adapter.parse(payload)
            if record.is_test:
                self._finish('test', is_test=True)
            else:
                source._get_builder()._become(self.with_company(self.company_id), record)
        if not source.last_success or source.last_success < fields.Datetime.now() - timedelta(minutes=5):
            source.last_success = fields.Datetime.now()

    def _finish(self, state, **vals):
        self.write({'state': state, 'next_try': False, 'error': False, 'error_trace': False, 'tries': self.tries + 1, **vals})

    def _hold(self, reason):
        """Wait for the source to be repaired; that counts as no try."""
        self.write({'error': reason, 'next_try': fields.Datetime.now() + timedelta(hours=1)})

    def _postpone(self, reason, seconds=None):
        tries = self.tries + 1
        if tries >= MAX_TRIES:
            self._fail(reason)
            return
        wait = timedelta(seconds=min(seconds, 86400)) if seconds else timedelta(minutes=WAITS[min(tries, len(WAITS)) - 1])
        self.write({'tries': tries, 'error': as_text(reason, 2000), 'next_try': fields.Datetime.now() + wait})

    def _fail(self, reason):
        self.write({'state': 'failed', 'tries': self.tries + 1, 'error': as_text(reason, 2000), 'next_try': False})
        self.source_id.write({'last_error': as_text(reason, 2000), 'last_error_at': fields.Datetime.now()})

    # === FORGETTING === #

    def _strip(self, **vals):
        self.write({
            'payload': False, 'external_id': False, 'contact_name': False, 'email_normalized': False, 'phone_sanitized': False,
            'click_id': False, 'error': False, 'error_trace': False, 'stripped': True, **vals})

    def _erase(self):
        """Keep nothing of the person; the digest stays, so the next poll does not bring them back."""
        self._strip(state='erased', next_try=False, erase_requested=False, partner_id=False, submitted_at=False)

    @api.model
    def _cron_strip(self):
        """Delete what was received after each source's time. Failed ones stay until somebody decides about them."""
        cron = self.env['ir.cron']
        for source in self.env['mlm.lead.source'].with_context(active_test=False).search([]):
            limit = fields.Datetime.now() - timedelta(source.retention_days)
            domain = [('source_id', '=', source.id), ('stripped', '=', False), ('state', 'in', ('done', 'test', 'erased')),
                      ('create_date', '<', limit)]
            while events := self.search(domain, limit=1000):
                events._strip()
                # commit: stripping can be interrupted anywhere
                if not cron._commit_progress(len(events)):
                    return
