# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.tools import SQL


class MlmNetworkVersion(models.Model):
    """One row, written by every move of an agent.

    Odoo's transactions read a snapshot: of two simultaneous moves each checks a tree that lacks the
    other, and together they can close a loop. As both write this row, PostgreSQL lets the second
    fail to serialise, and Odoo runs it again on the tree as the first left it.
    """
    _name = 'mlm.network.version'
    _description = 'Network Version'
    _log_access = False

    moves = fields.Integer(string='Moves', readonly=True)

    def init(self):
        self.env.cr.execute(SQL(
            'INSERT INTO mlm_network_version (moves) SELECT 0 WHERE NOT EXISTS (SELECT FROM mlm_network_version)'
        ))

    @api.model
    @api.private
    def _bump(self):
        """Make this transaction the only one that moves agents, or fail to serialise."""
        self.env.cr.execute(SQL('UPDATE mlm_network_version SET moves = moves + 1'))
        self.invalidate_model(['moves'], flush=False)
