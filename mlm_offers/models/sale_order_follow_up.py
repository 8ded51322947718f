# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from datetime import timedelta

from odoo import api, fields, models
from odoo.tools import html2plaintext


class SaleOrder(models.Model):
    """Sending offers, and following them up."""

    _inherit = 'sale.order'

    @api.private
    def _mlm_notify_opened(self):
        """Tell the agent, once, that the customer opened the offer."""
        self.ensure_one()
        if self.mlm_opened_on:
            return
        self.mlm_opened_on = fields.Datetime.now()
        self._mlm_tell_agent(
            self.env._('%(customer)s opened your offer %(offer)s', customer=self.partner_id.name, offer=self.name),
            self.env._(
                '%(customer)s has just opened the offer %(offer)s. A good moment for a call.',
                customer=self.partner_id.name,
                offer=self.name,
            ),
        )

    @api.private
    def _mlm_get_stop_url(self):
        self.ensure_one()
        return self.get_base_url() + self.get_portal_url(suffix='/mlm_stop')

    @api.model
    def _cron_mlm_follow_up(self, limit=50):
        """Do the steps that are due. Each order is committed on its own: what is sent is never sent again."""
        domain = [('mlm_next_step_on', '<=', fields.Datetime.now())]
        orders = self.search(domain, order='mlm_next_step_on, id', limit=limit)
        self.env['ir.cron']._commit_progress(remaining=self.search_count(domain))
        for order in orders:
            order = order.try_lock_for_update().filtered_domain(domain)
            if order:
                order._mlm_follow_up()
            if not self.env['ir.cron']._commit_progress(1):
                break

    @api.private
    def _mlm_follow_up(self):
        """Do the latest step that is due; steps that were overtaken are noted as skipped."""
        self.ensure_one()
        now = fields.Datetime.now()
        steps = (
            (self.sale_order_template_id.mlm_step_ids - self.mlm_reminder_ids.step_id)
            .filtered(lambda step: self.mlm_sent_on + timedelta(days=step.delay_days) <= now)
            .sorted('delay_days')
        )
        for step in steps:
            if self.is_expired:
                note = self.env._('The offer had expired.')
            elif step != steps[-1]:
                note = self.env._('A later step was due as well.')
            else:
                note = self._mlm_do_step(step)
            self.env['mlm.offer.reminder'].create(
                {
                    'order_id': self.id,
                    'step_id': step.id,
                    'channel': step.channel,
                    'outcome': 'skipped' if note else 'sent',
                    'note': note,
                }
            )

    def _mlm_do_step(self, step):
        """Queue the message of a step.

        :return: why nothing was sent, or an empty string
        :rtype: str
        """
        partner = self.partner_id
        if self._mlm_get_unwilling(step.channel, False):
            return self.env._('%(customer)s objected to messages by this channel.', customer=partner.name)
        if step.channel == 'email':
            if not partner.email_normalized:
                return self.env._('%(customer)s has no valid e-mail address.', customer=partner.name)
            if partner.is_blacklisted:
                return self.env._('%(email)s is on the blacklist.', email=partner.email_normalized)
            step.mail_template_id.send_mail(self.id, email_layout_xmlid='mail.mail_notification_light')
        else:
            if not partner.phone_sanitized:
                return self.env._('%(customer)s has no valid phone number.', customer=partner.name)
            if partner.phone_sanitized_blacklisted:
                return self.env._('%(phone)s is on the blacklist.', phone=partner.phone_sanitized)
            lang = partner.lang or self.env.lang
            body = step.sms_template_id._render_field('body', self.ids, compute_lang=False, set_lang=lang)[self.id]
            self._mlm_send_sms(body)
        return ''

    @api.private
    def _mlm_get_unwilling(self, channel, consent_only):
        """Which offers not to write about. See `res.partner`."""
        ids = []
        for company, orders in self.grouped('company_id').items():
            unwilling = set(orders.partner_id._mlm_get_unwilling(channel, consent_only, company))
            ids += [order.id for order in orders if order.partner_id.id in unwilling]
        return ids

    @api.private
    def _mlm_send_sms(self, body, author=None):
        """Queue an SMS to the customer and log it on the offer."""
        self._message_sms(
            html2plaintext(body),
            partner_ids=self.partner_id.ids,
            put_in_queue=True,
            **({'author_id': author.id} if author else {}),
        )

    @api.private
    def _mlm_send_offer(self, message=None):
        """Send the offer to the customer by e-mail, as the form's button would."""
        for order in self:
            template = (
                order.env.ref('mlm_offers.mail_template_offer', raise_if_not_found=False) or order._find_mail_template()
            )
            order.with_context(mark_so_as_sent=True, mlm_message=message).message_post_with_source(
                template,
                email_layout_xmlid='mail.mail_notification_layout_with_responsible_signature',
                subtype_xmlid='mail.mt_comment',
            )
            if order.state == 'draft':
                order.state = 'sent'

    @api.private
    def _mlm_lose(self, reason):
        """Cancel offers with a reason."""
        self.mlm_lost_reason_id = reason
        self._action_cancel()
