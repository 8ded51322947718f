# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.exceptions import UserError

KINDS = [('held', 'Held'), ('used', 'Used for a clawback'), ('released', 'Released'), ('forfeited', 'Forfeited')]


class MlmReserve(models.Model):
    """What was held back of a contract's commissions, and what became of it: a ledger, nothing changes or goes.

    The amounts of a contract add up to what is still held. See :mod:`reserving`.
    """
    _name = 'mlm.reserve'
    _description = 'Move of the Reserve'
    _order = 'date desc, id desc'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', string='Company', required=True, index=True, readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', required=True, readonly=True)
    agent_id = fields.Many2one(
        'res.partner', string='Agent', required=True, index=True, ondelete='restrict', readonly=True)
    plan_id = fields.Many2one('mlm.plan', string='Plan', required=True, index=True, ondelete='restrict', readonly=True)
    # Agents of the portal see the document, not whose money it is.
    volume_id = fields.Many2one(
        'mlm.volume', string='Contract', required=True, ondelete='restrict', readonly=True, groups='base.group_user')
    source = fields.Char(related='volume_id.source', string='Document', related_sudo=True)
    agreement_id = fields.Many2one(
        'mlm.agreement', string='Agreement', index='btree_not_null', ondelete='restrict', readonly=True,
        groups='base.group_user')
    period_id = fields.Many2one(
        'mlm.period', string='Period', index='btree_not_null', ondelete='restrict', readonly=True, groups='base.group_user')
    statement_id = fields.Many2one(
        'mlm.statement', string='Statement', index='btree_not_null', ondelete='restrict', readonly=True)
    kind = fields.Selection(KINDS, string='What Happened', required=True, readonly=True)
    date = fields.Date(string='Date', required=True, index=True, readonly=True)
    due_date = fields.Date(string='Held Until', readonly=True, help='The last day of the contract\'s liability.')
    amount = fields.Monetary(string='Amount', required=True, readonly=True, help='The change of what is held.')
    reason = fields.Char(string='Reason', readonly=True)
    position = fields.Integer(
        string='Number of the Move', required=True, readonly=True, aggregator=None, help='Of the contract\'s.')

    # Of two who move a contract's reserve at the same time only one can.
    _position_unique = models.UniqueIndex(
        '(volume_id, agent_id, plan_id, position)',
        'Somebody has just moved the reserve of the same contract. Look again, then repeat it.')

    # === CRUD METHODS === #

    def write(self, vals):
        """Refuse: moves are only ever appended."""
        raise UserError(self.env._(
            'The reserve is a ledger: what was held or released is not changed. The next closing, or a release ahead of '
            'time, adds to it.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._('The reserve is a ledger: what was held or released is not deleted.'))
