# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

from odoo import models
from odoo.http import Response, request

REFERRAL_COOKIE = 'mlm_ref'
REFERRAL_DAYS = 31
CODE = re.compile(r'[A-Za-z0-9][A-Za-z0-9._-]{0,39}')


class IrHttp(models.AbstractModel):
    _inherit = 'ir.http'

    @classmethod
    def _post_dispatch(cls, response):
        cls._mlm_keep_referral(response)
        super()._post_dispatch(response)

    @classmethod
    def _mlm_keep_referral(cls, response):
        """Remember whose link was followed, if the visitor allowed cookies. The last link counts."""
        code = request.params.get('ref')
        if (not isinstance(code, str) or not CODE.fullmatch(code) or request.cookies.get(REFERRAL_COOKIE) == code
                or not cls._mlm_may_keep_referral()):
            return
        Response.load(response).set_cookie(
            REFERRAL_COOKIE, code, max_age=REFERRAL_DAYS * 24 * 3600, samesite='Lax', httponly=True, cookie_type='optional')

    @classmethod
    def _mlm_may_keep_referral(cls):
        """Whether the visitor agreed: only Odoo's website asks. Without it the code travels in links and forms alone."""
        if 'website' not in request.env or not request.env.user:
            return False
        website = request.env['website'].get_current_website(fallback=False)
        return bool(website.cookies_bar and cls._is_allowed_cookie('optional'))
