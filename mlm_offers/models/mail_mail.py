# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import models


class MailMail(models.Model):
    _inherit = 'mail.mail'

    def send(self, auto_commit=False, raise_exception=False, post_send_callback=None):
        # Where no mail server answers, Odoo marks all as failed, what was cancelled for an objection or a blacklist among it;
        # tried again, that would go out.
        return super(MailMail, self.filtered(lambda mail: mail.state != 'cancel')).send(
            auto_commit=auto_commit, raise_exception=raise_exception, post_send_callback=post_send_callback
        )
