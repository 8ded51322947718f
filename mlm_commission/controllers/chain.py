# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import http
from odoo.exceptions import AccessError
from odoo.http import content_disposition, request

from .. import auditing


class ChainController(http.Controller):

    @http.route('/commission/chain/<model("mlm.period"):period>', type='http', auth='user', readonly=True)
    def chain(self, period, **kwargs):
        """What is digested of a period's statements, as a file; see ``docs/statement-chain.md``."""
        user = request.env.user
        if not (user.has_group('mlm_network.group_manager') or user.has_group('mlm_commission.group_auditor')):
            raise AccessError(request.env._('Only managers and auditors take the digested statements out of Odoo.'))
        period.check_access('read')
        lines = [auditing.before(period)]
        lines += [f'{digest or ""}\t{text}' for _number, digest, text in auditing.read(period)]
        return request.make_response('\n'.join(lines) + '\n', [
            ('Content-Type', 'text/plain; charset=utf-8'),
            ('Content-Disposition', content_disposition(f'statements-{period.code}.txt')),
        ])
