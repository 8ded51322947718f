# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from contextlib import contextmanager

from odoo.exceptions import ValidationError

from odoo.addons.base.tests.common import BaseCommon


class NetworkCommon(BaseCommon):
    """A small network for tests::

        anna
        ├── bert
        │   ├── carl ── dora
        │   └── cleo (candidate)
        └── kim (customer)
        otto
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.Partner = cls.env['res.partner']
        cls.anna = cls.agent('Anna')
        cls.bert = cls.agent('Bert', cls.anna)
        cls.carl = cls.agent('Carl', cls.bert)
        cls.dora = cls.agent('Dora', cls.carl)
        cls.cleo = cls.agent('Cleo', cls.bert, 'candidate')
        cls.kim = cls.customer('Kim', cls.anna)
        cls.otto = cls.agent('Otto')
        cls.everybody = cls.anna + cls.bert + cls.carl + cls.dora + cls.cleo + cls.kim + cls.otto

    @classmethod
    def agent(cls, name, sponsor=None, state='active', **vals):
        return cls.env['res.partner'].create(
            {'name': name, 'mlm_sponsor_id': sponsor and sponsor.id, 'mlm_agent_state': state, **vals})

    @classmethod
    def customer(cls, name, sponsor=None, **vals):
        return cls.agent(name, sponsor, 'none', **vals)

    @classmethod
    def place(cls, partner, date, reason=None, **vals):
        """Change a place as of an earlier day, as a batch or a wizard would."""
        partner.with_context(mlm_date=date, mlm_reason=reason).write(vals)

    @classmethod
    def since(cls, date, name, sponsor=None, state='active', **vals):
        """An agent who entered on ``date``."""
        agent = cls.env['res.partner'].with_context(mlm_date=date).create(
            {'name': name, 'mlm_sponsor_id': sponsor and sponsor.id, 'mlm_agent_state': state, **vals})
        return agent.with_context(mlm_date=False)

    @contextmanager
    def refused(self, message, error=ValidationError):
        """Expect an error, and go on as if the attempt had never been made."""
        with self.assertRaisesRegex(error, message), self.cr.savepoint():
            yield

    def history(self, partner):
        """The rows of a partner, oldest first, as tuples of texts."""
        return [
            (row.sponsor_id.name or None, row.agent_state, str(row.date_from), str(row.date_to) if row.date_to else None)
            for row in partner.mlm_sponsorship_ids.sorted('date_from')
        ]

    def tree(self, date, upline_of=None):
        """{agent's name: sponsor's name or None} as of a day."""
        rows = self.env.execute_query(self.env['mlm.sponsorship']._tree_sql(date, upline_of))
        self.assertEqual(len(rows), len({row[0] for row in rows}), 'one row for each agent')
        return {self.Partner.browse(row[0]).name: self.Partner.browse(row[1] or []).name or None for row in rows}
