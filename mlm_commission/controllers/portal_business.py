# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo.http import request

from odoo.addons.mlm_network.controllers.portal_business import NEWS, BusinessPortal


class CommissionBusinessPortal(BusinessPortal):
    """What an agent earned so far, the rank and what is missing for the next one, and who of the team advanced."""

    def _mlm_prepare_business_values(self, agent):
        values = super()._mlm_prepare_business_values(agent)
        _ = request.env._
        for item in agent._mlm_rank_news(NEWS):
            if not item['now']:
                text = _('%(name)s is without a rank, before %(before)s', name=item['name'], before=item['before'].name)
            elif item['before']:
                text = _('%(name)s is now %(rank)s, before %(before)s', name=item['name'], rank=item['now'].name,
                         before=item['before'].name)
            else:
                text = _('%(name)s is now %(rank)s', name=item['name'], rank=item['now'].name)
            values['news'].append({'date': item['date'], 'text': text, 'icon': 'fa-star'})
        return {**values, 'earnings': self._mlm_business_earnings(agent), 'ranks': agent._mlm_rank_outlook()}

    def _mlm_business_earnings(self, agent):
        """This period's estimate beside what the last statement says.

        :return: {'now': see `_mlm_earned_so_far`, 'last': `mlm.statement` record, maybe empty, 'last_amount', 'currency',
            'bars': widths of the two in percent}
        """
        company = request.env.company
        # Read as the user: the own statements only.
        last = request.env['mlm.statement'].search([
            ('agent_id', '=', agent.id), ('company_id', '=', company.id)], order='date_to desc', limit=1) \
            if request.env['mlm.statement'].has_access('read') else request.env['mlm.statement']
        now = agent._mlm_earned_so_far()
        last_amount = last.earned + last.clawed_back
        amounts = (now['amount'] if now else 0, last_amount)
        most = max(*amounts, 0) or 1
        return {
            'now': now, 'last': last, 'last_amount': last_amount, 'currency': company.sudo().currency_id,  # how to write money
            'bars': [round(max(amount, 0) * 100 / most) for amount in amounts],
        }
