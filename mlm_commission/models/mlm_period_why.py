# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import models


class MlmPeriod(models.Model):
    """Why nothing, or nothing more, is settled in a period."""
    _inherit = 'mlm.period'

    # === ACTION METHODS === #

    def action_why_nothing(self):
        """Say in words why nothing, or nothing more, is settled."""
        self.ensure_one()
        return {
            'type': 'ir.actions.client',
            'tag': 'display_notification',
            'params': {
                'title': self.display_name,
                'message': ' '.join(self._why_nothing()),
                'type': 'info',
                'sticky': True,
            },
        }

    # === BUSINESS METHODS === #

    def _why_nothing(self):
        """Look for the reason in the order in which a sale becomes a commission.

        :return: list of sentences
        """
        self.ensure_one()
        plans = self._plans()
        if not plans:
            return [self.env._('No plan is active for these days. Activate one under Configuration, Plans.')]
        sentences = []
        # Whoever settles need not be allowed to read invoices; here they are only counted.
        moves = self.env['account.move'].sudo()
        sold = [('company_id', '=', self.company_id.id), ('move_type', '=', 'out_invoice'),
                ('invoice_date', '>=', self.date_from), ('invoice_date', '<=', self.date_to)]
        drafts = moves.search_count(sold + [('state', '=', 'draft')])
        posted = moves.search_count(sold + [('state', '=', 'posted')])
        nobody = moves.search_count(sold + [('state', '=', 'posted'), ('mlm_agent_id', '=', False)])
        if drafts:
            sentences.append(self.env._('%s invoices of these days are still drafts.', drafts))
        if not posted:
            sentences.append(self.env._('No customer invoice of these days is posted.'))
        if nobody:
            sentences.append(self.env._('%s posted invoices have no agent.', nobody))
        for plan in plans:
            sentences += self._why_nothing_of(plan)
        return list(dict.fromkeys(sentences))

    def _why_nothing_of(self, plan):
        volumes = self.env['mlm.volume']
        counted = [('company_id', '=', self.company_id.id), ('trigger', '=', plan.trigger)]
        run = self.run_ids.filtered(lambda run: run.plan_id == plan)
        sentences = []
        if run.commission_count:
            return [self.env._(
                'Plan "%(plan)s" settled %(sales)s sales with %(commissions)s commissions.',
                plan=plan.name, sales=run.volume_count, commissions=run.commission_count)]
        if plan.trigger == 'paid' and not volumes.search_count(counted + [('date', '<=', self.date_to)], limit=1):
            sentences.append(self.env._('Plan "%s" pays when invoices are paid, and none is paid yet.', plan.name))
        if not plan.agreement_count:
            sentences.append(self.env._('No agent has an active agreement for plan "%s".', plan.name))
        late = volumes.search_count(counted + [('date', '>', self.date_to)])
        if late:
            sentences.append(self.env._(
                '%(count)s sales that plan "%(plan)s" would pay are dated after %(date)s.',
                count=late, plan=plan.name, date=self.date_to))
        if self.state == 'open':
            sentences.append(self.env._('The period is not calculated yet.'))
        elif not run.volume_count:
            sentences.append(self.env._(
                'Plan "%s" found no sale that was not settled before.', plan.name))
        else:
            sentences.append(self.env._(
                'Plan "%(plan)s" found %(count)s sales, but nobody who could be paid for them: open a sale and ask '
                '"Why?".', plan=plan.name, count=run.volume_count))
        return sentences
