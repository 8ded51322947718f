# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re

from odoo import http
from odoo.http import content_disposition, request


class PlanFile(http.Controller):

    @http.route('/mlm_commission/plan/<int:plan_id>.json', type='http', auth='user', readonly=True)
    def plan_file(self, plan_id):
        """Hand out a plan as a file to whoever may read it."""
        plan = request.env['mlm.plan'].browse(plan_id).exists()
        if not plan:
            raise request.not_found()
        plan.check_access('read')
        name = re.sub(r'[^\w.-]+', '-', f'{plan.with_context(lang="en_US").name}-v{plan.version}').strip('-').lower()
        return request.make_response(plan._to_file_text(), headers=[
            ('Content-Type', 'application/json; charset=utf-8'),
            ('Content-Disposition', content_disposition(f'{name}.json')),
        ])
