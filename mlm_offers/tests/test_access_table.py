# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import tagged

from odoo.addons.mlm_network.tests.access import AccessTableMixin

from .common import OffersCommon


@tagged('post_install', '-at_install')
class TestAccessTable(AccessTableMixin, OffersCommon):
    def test_every_cell(self):
        company = self.env.company
        users = self.make_users(company, self.anna)
        self.template.mlm_contract_template_id = self.make_contract_template(company_id=company.id)
        text = self.env['mail.template'].create({'name': 'Table', 'model_id': self.env['ir.model']._get_id('sale.order')})
        step = self.env['mlm.offer.step'].create({'template_id': self.template.id, 'mail_template_id': text.id})
        records = {
            ('mlm.offer.step', 'all companies'): step,
            ('mlm.contract.template', 'the company'): self.template.mlm_contract_template_id,
        }
        for whose, user in (('the salesperson', users['Salesperson']), ('another salesperson', self.clerk)):
            order = self.make_offer()
            order.user_id = user
            contract = order._mlm_get_or_make_contract()
            records.update(
                {
                    ('mlm.offer.reminder', whose): self.env['mlm.offer.reminder'].create(
                        {'order_id': order.id, 'step_id': step.id, 'channel': 'email'}
                    ),
                    ('mlm.offer.view', whose): self.env['mlm.offer.view'].create({'order_id': order.id, 'key': whose}),
                    ('mlm.contract', f'own customer, of {whose}'): contract,
                    ('mlm.contract.party', f'own customer, of {whose}'): contract.party_ids,
                }
            )
        contract = self.env['mlm.contract'].create(
            {
                'template_id': self.make_contract_template(kind='agent', body='<p>Agreed.</p>').id,
                'partner_id': self.anna.id,
            }
        )
        party = contract.party_ids[:1] or self.env['mlm.contract.party'].create(
            {'contract_id': contract.id, 'partner_id': self.anna.id}
        )
        account = self.env['mlm.sign.account'].create({'name': 'Table', 'provider': 'autenti', 'company_id': company.id})
        reason = self.env['crm.lost.reason'].create({'name': 'Table'})
        records.update(
            {
                ('mlm.contract', 'the agent'): contract,
                ('mlm.contract.party', 'the agent'): party,
                ('mlm.agent.message', 'the agent'): self.env['mlm.agent.message'].create(
                    {
                        'agent_id': self.anna.id,
                        'partner_id': self.kim.id,
                        'channel': 'email',
                        'company_id': company.id,
                    }
                ),
                ('mlm.sign.account', 'the company'): account,
                ('mlm.sign.setting', 'the company'): account.setting_ids[:1],
                ('mlm.consent', 'own customer'): self.env['mlm.consent'].create(
                    {
                        'partner_id': self.kim.id,
                        'company_id': company.id,
                        'channel': 'email',
                        'accepted': 'yes',
                        'wording': 'Table',
                        'source': 'Table',
                    }
                ),
                ('mlm.offer.wizard', 'another user'): self.env['mlm.offer.wizard'].create(
                    {'partner_id': self.kim.id, 'template_id': self.template.id}
                ),
                ('mlm.offer.lost', 'another user'): self.env['mlm.offer.lost'].create({'reason_id': reason.id}),
                ('mlm.contract.withdraw', 'another user'): self.env['mlm.contract.withdraw'].create(
                    {'contract_id': contract.id, 'reason': 'Table'}
                ),
            }
        )
        self.env.flush_all()
        self.try_table('mlm_offers', users, records)
