# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Every commission of statements as rows of a table, for spreadsheets of staff and agents."""
from odoo.fields import Domain

# Rows that are held in memory at once.
CHUNK = 5000


def header(env):
    _ = env._
    return [_('Statement'), _('Agent Code'), _('Agent'), _('Kind'), _('Commission'), _('Date'), _('Document'), _('Product'),
            _('Seller Code'), _('Seller'), _('Customer'), _('Level'), _('Base'), _('Rate (%)'), _('Amount'), _('Currency')]


def rows(statements, staff):
    """Yield the rows of statements: every commission, and what else their lines add up.

    The amounts of a statement's rows are what it added to the amount brought forward.

    :param statements: `mlm.statement` records that the user may read
    :param bool staff: agents do not learn to whom others sold, nor whole names of who sold further below
    """
    env = statements.env
    for period, group in statements.grouped('period_id').items():
        names = {statement.agent_id.id: statement for statement in group}
        domain = Domain('period_id', '=', period.id) & Domain('beneficiary_id', 'in', list(names))
        # Access to the statements was checked, and these commissions are what they are made of.
        commissions = env['mlm.commission'].sudo()
        last = 0
        while found := commissions.search(domain & Domain('id', '>', last), order='id', limit=CHUNK):
            last = found[-1].id
            # What an agent exports are the own statements.
            sellers = found.seller_id._mlm_names_for(found.seller_id.browse() if staff else group.agent_id[:1])
            for commission in found:
                yield _commission_row(names[commission.beneficiary_id.id], commission, staff, sellers)
            commissions.invalidate_model()
        for line in group.line_ids.filtered(lambda line: not line._has_commissions()):
            yield _line_row(line.statement_id, line)


def _commission_row(statement, commission, staff, sellers):
    env, agent, seller = statement.env, statement.agent_id, commission.seller_id
    name = commission.rule_id.name
    return [
        statement.name, agent.mlm_agent_code, agent.name,
        env._('Clawback') if commission.is_clawback else env._('Commission'), name, commission.date,
        commission.source or env._('Whole period'), commission.product_id.display_name, seller.mlm_agent_code,
        sellers.get(seller.id, ''),
        commission.partner_id.name if staff or seller == agent else '', commission.level,
        commission.base if commission.source else None, commission.rate if commission.source else None,
        commission.amount, commission.currency_id.name,
    ]


def _line_row(statement, line):
    agent = statement.agent_id
    kinds = dict(line._fields['kind']._description_selection(line.env))
    return [statement.name, agent.mlm_agent_code, agent.name, kinds[line.kind], line.display_name, statement.date_to, '', '',
            '', '', '', None, None, None, line.amount, statement.currency_id.name]
