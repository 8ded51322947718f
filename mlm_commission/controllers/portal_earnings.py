# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.fields import Domain
from odoo.http import request
from odoo.tools import format_date, formatLang

from .. import chart
from .portal import CommissionPortal

SHOWN = 12  # statements in the chart


class EarningsPortal(CommissionPortal):
    """What an agent earned over time, on the page of the statements."""

    def _mlm_prepare_statements_values(self):
        """The chart and the same figures as a table: the last statements of the user's company, and the estimate.

        :return: {'chart': Markup, 'earnings_rows': list of {'label', 'date', 'amount', 'payable' (None for the estimate),
            'url', 'estimate'}, the latest first, 'earnings_currency', 'has_reserve'}
        :rtype: dict
        """
        company, agent = request.env.company, request.env.user.commercial_partner_id
        currency = company.sudo().currency_id  # how to write money
        statements = request.env['mlm.statement'].search(
            self._mlm_statement_domain() & Domain('company_id', '=', company.id), order='date_to desc', limit=SHOWN)
        rows = [{
            'label': self._mlm_month(statement.date_to), 'date': statement.date_to, 'url': statement.access_url,
            'amount': statement.earned + statement.clawed_back, 'payable': statement.payable, 'estimate': False,
        } for statement in statements]
        now = agent.sudo()._mlm_earned_so_far()  # sudo: the own sum only, see there
        if now:
            date = now['period'].date_to
            rows.insert(0, {'label': self._mlm_month(date), 'date': date, 'url': '/my/business', 'amount': now['amount'],
                            'payable': None, 'estimate': True})
        return {
            'chart': chart.draw([chart.Bar(
                row['label'], row['amount'], formatLang(request.env, row['amount'], currency_obj=currency), row['estimate'],
            ) for row in reversed(rows)], request.env._('Commission by period')) if len(rows) > 1 else '',
            'earnings_rows': rows,
            'earnings_currency': currency,
            'has_reserve': bool(request.env['mlm.reserve.contract'].search(
                [('agent_id', '=', agent.id)], limit=1)) if request.env['mlm.reserve.contract'].has_access('read') else False,
        }

    def _mlm_month(self, date):
        return format_date(request.env, date, date_format='MMM yy')
