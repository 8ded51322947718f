# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
import re
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import HttpCase, freeze_time, new_test_user, tagged
from odoo.tools import SQL

from .common import CommissionCommon
from .test_ranks import MARCH, RanksCommon


class BusinessCommon(HttpCase):

    @classmethod
    def _portal_user(cls, agent):
        return new_test_user(
            cls.env, login='mlm_' + agent.name.lower(), name=agent.name, groups='base.group_portal', partner_id=agent.id,
            company_id=cls.company.id, company_ids=[(6, 0, cls.company.ids)])

    def _page(self, agent, url='/my/business'):
        self.authenticate('mlm_' + agent.name.lower(), 'mlm_' + agent.name.lower())
        response = self.url_open(url)
        self.assertEqual(response.status_code, 200)
        return re.sub(r'\s+', ' ', re.sub(r'<(script|style).*?</\1>|<[^>]*>', ' ', response.text, flags=re.DOTALL))


@tagged('post_install', '-at_install')
class TestEarnings(BusinessCommon, CommissionCommon):
    """March is closed, Dan sold 1,000 and Ben 500: Ben has 180. April is a draft, Dan sold 600: Dan 30, Cleo 42, Ben 48,
    Anna 60."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls._invoice(cls.dan, 1000)
        cls._invoice(cls.ben, 500)
        cls.march, cls.april = cls._period(3), cls._period(4)
        cls.march.action_calculate()
        cls.march.action_close()
        cls._invoice(cls.dan, 600, day='2024-04-10')
        cls.otto = cls._agent('Otto')
        for agent in (cls.anna, cls.ben, cls.otto):
            cls._portal_user(agent)

    def test_estimate_beside_the_last_statement(self):
        page = self._page(self.ben)
        self.assertIn('There is no estimate of the running period yet', page)
        self.assertIn('180.00', page)
        self.april.action_calculate()
        page = self._page(self.ben)
        for text in ('April 2024', 'Estimate', '48.00', '180.00', '03/01/2024'):
            self.assertIn(text, page)
        for others in ('30.00', '42.00', '60.00', '150.00'):
            self.assertNotIn(others, page)
        self.assertEqual(self.anna._mlm_earned_so_far()['amount'], 60)

    def test_what_is_taken_back_counts(self):
        """500 of March are credited in April: Ben loses 100 again, and has 48 - 100."""
        self._credit(self.env['account.move'].search([('mlm_agent_id', '=', self.ben.id)]), day='2024-04-12')
        self.april.action_calculate()
        self.assertEqual(self.ben._mlm_earned_so_far()['amount'], -52)
        self.assertRegex(self._page(self.ben), r'-\W?52\.00')

    def test_stranger_to_the_money(self):
        page = self._page(self.otto)
        self.assertNotIn('180.00', page)
        self.april.action_calculate()
        self.assertEqual(self.otto._mlm_earned_so_far()['amount'], 0)

    def test_other_companies_see_nothing(self):
        other = self.env['res.company'].create({'name': 'Other'})
        self.april.action_calculate()
        self.assertIsNone(self.ben.with_company(other)._mlm_earned_so_far())


@tagged('post_install', '-at_install')
class TestRankBars(BusinessCommon, RanksCommon):

    def test_what_is_missing(self):
        """April: Dan 300, Cleo 400, so Cleo's group has 700 of the 1,000 points for Silver, and a leg with 300."""
        self._month(3, **MARCH)
        self._month(4, close=False, dan=300, cleo=400)
        self._portal_user(self.cleo)
        page = self._page(self.cleo)
        for text in ('Bronze', 'For Silver it takes', '700 out of 1000', '1 out of 1', 'April 2024'):
            self.assertIn(text, page)

    def test_news_of_ranks(self):
        """In April Cleo reaches Silver with 900 and Dan's leg of 300; Ben and Anna, who sold nothing, have no rank."""
        self._month(3, **MARCH)
        for agent in (self.anna, self.cleo):
            self._portal_user(agent)
        self.assertNotIn('is now', self._page(self.anna))
        self._month(4, dan=300, cleo=900)
        page = self._page(self.anna)
        self.assertIn('C. is now Silver, before Bronze', page)
        self.assertIn('Ben is without a rank, before Silver', page)
        self.assertNotIn('Cleo', page)
        self.assertNotIn('is now', self._page(self.cleo), 'nobody below Cleo changed')


class BusinessTour(BusinessCommon, RanksCommon):
    """Cleo's way through the day: 20 in March, 5 % of 400; so far in April 5 % of 320, and 700 of 1,000 group points."""

    def _walk(self):
        self._month(3, **MARCH)
        self._month(4, close=False, dan=380, cleo=320)
        self._portal_user(self.cleo)
        self.start_tour('/my', 'mlm_commission_business', login='mlm_cleo')


@tagged('post_install', '-at_install')
class TestBusinessTour(BusinessTour):

    def test_desktop(self):
        self._walk()


@tagged('post_install', '-at_install')
class TestBusinessTourPhone(BusinessTour):
    browser_size = '390x844'
    touch_enabled = True

    def test_phone(self):
        self._walk()
        for url in ('/my/business', '/my/performance', '/my/statements'):
            self.browser_js(
                url, "setTimeout(() => { const main = document.querySelector('main'); "
                "const width = Math.max(main.scrollWidth, main.getBoundingClientRect().right); "
                "console.log(width <= 390 ? 'test successful' : `error: ${width} wide`); }, 300)",
                ready="!!document.querySelector('main')", login='mlm_cleo')


@tagged('post_install', '-at_install')
class TestEstimate(CommissionCommon):
    """The running period is calculated again in the background when it is time and something is new."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.mlm_estimate_hours = 24
        cls._invoice(cls.dan, 1000)
        cls.march = cls._period(3)

    def _run(self, now):
        """One round of the scheduled action; what it commits is left to the test's own transaction."""
        before = self.march.revision
        with freeze_time(now), patch.object(type(self.env['ir.cron']), '_commit_progress', lambda *args, **kwargs: 10.0):
            self.env['mlm.period'].with_user(self.env.ref('base.user_root'))._cron_estimate()
        self.march.invalidate_recordset()
        return self.march.revision - before

    def _touched(self, when):
        self.env.flush_all()
        self.env.cr.execute(SQL('UPDATE mlm_period SET write_date = %s WHERE id = %s', when, self.march.id))
        self.march.invalidate_recordset()

    def test_a_day_later_and_only_if_something_is_new(self):
        self._touched('2024-03-11 08:00:00')
        self.assertEqual(self._run('2024-03-12 07:00:00'), 0, 'made less than a day ago')
        self.assertEqual(self._run('2024-03-12 09:00:00'), 1)
        self.assertEqual((self.march.state, self._earned(self.march)[self.dan]), ('calculated', 50))
        self.assertEqual(self._run('2024-03-14 09:00:00'), 0, 'nothing is new')
        self._invoice(self.dan, 100, day='2024-03-13')
        self.assertEqual(self._run('2024-03-14 09:00:00'), 1)
        self.assertEqual(self._earned(self.march)[self.dan], 55)
        self._invoice(self.dan, 100, day='2024-03-13')
        self.assertEqual(self._run('2024-03-14 10:00:00'), 0, 'calculated an hour ago')

    def test_a_period_that_has_ended_is_left_to_people(self):
        self._touched('2024-03-11 08:00:00')
        self.assertEqual(self._run('2024-04-01 09:00:00'), 0)
        self.assertEqual(self._run('2024-03-31 09:00:00'), 1)

    def test_a_new_plan_is_news(self):
        self._touched('2024-03-11 08:00:00')
        self.assertEqual(self._run('2024-03-13 09:00:00'), 1)
        plan = self._plan('Second', 'level', {'rates': [{'rate': '5'}]})
        self._agree(self.cleo, 0, plan=plan)
        plan.action_activate()
        self.assertEqual(self._run('2024-03-15 09:00:00'), 1)
        self.assertEqual(self.march.run_ids.plan_id, self.plan + plan)

    def test_settings(self):
        self._touched('2024-03-11 08:00:00')
        self.company.mlm_estimate_hours = 0
        self.assertEqual(self._run('2024-03-13 09:00:00'), 0, 'never by itself')
        self.company.write({'mlm_estimate_hours': 24, 'mlm_estimate_limit': 1})
        self.assertEqual(self._run('2024-03-13 09:00:00'), 0, 'too many sales')
        self.company.mlm_estimate_limit = 2
        self.assertEqual(self._run('2024-03-13 09:00:00'), 1)

    def test_large_ones_become_a_job(self):
        self._touched('2024-03-11 08:00:00')
        self.company.mlm_background_from = 1
        self.assertEqual(self._run('2024-03-13 09:00:00'), 0)
        self.assertEqual(self.march.job_ids.mapped('state'), ['queued'])
        self.assertEqual(self._run('2024-03-13 10:00:00'), 0)
        self.assertEqual(len(self.march.job_ids), 1, 'one at a time')

    def test_what_cannot_be_calculated_stays_and_stops_nobody(self):
        self._touched('2024-03-11 08:00:00')

        def refuse(period):
            raise UserError('Plan "Test plan" cannot be calculated')
        with patch.object(type(self.march), '_calculate', refuse):
            self.assertEqual(self._run('2024-03-13 09:00:00'), 0)
        self.assertEqual(self.march.state, 'open')
