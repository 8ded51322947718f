# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import UserError


class MlmAgentTask(models.Model):
    """What an agent means to do next for a customer or an inquiry.

    No activity of Odoo: those are for users who may open the record, and agents in the portal may not.
    """
    _name = 'mlm.agent.task'
    _description = 'Task of an Agent'
    _order = 'date, id'
    _rec_name = 'note'

    agent_id = fields.Many2one('res.partner', string='Agent', required=True, index=True, ondelete='cascade')
    partner_id = fields.Many2one('res.partner', string='Customer', index='btree_not_null', ondelete='cascade')
    lead_id = fields.Many2one('crm.lead', string='Inquiry', index='btree_not_null', ondelete='cascade')
    date = fields.Date(string='On', required=True)
    note = fields.Char(string='What', required=True)
    done_on = fields.Datetime(string='Done on', readonly=True)

    _about_check = models.Constraint(
        'CHECK (num_nonnulls(partner_id, lead_id) = 1)', 'A task is about a customer or about an inquiry.')
    _open_index = models.Index('(agent_id, date) WHERE done_on IS NULL')

    # === BUSINESS METHODS === #

    @api.model
    @api.private
    def _plan(self, agent, record, date, note):
        """Plan the next step for a customer or an inquiry; what was planned before is thereby done.

        :param agent: whose task it is
        :param record: the contact or the lead
        :param str date: as a browser sends it, YYYY-MM-DD
        :param str note: what to do
        :raise UserError: if the date or the note is missing or wrong
        """
        try:
            day = fields.Date.to_date(date or None)
        except ValueError:
            day = None
        note = (note or '').strip()[:200]
        if not day or not note:
            raise UserError(self.env._('Enter a day and what you want to do then.'))
        self._open(agent, record)._finish()
        return self.create({
            'agent_id': agent.id, 'date': day, 'note': note,
            'lead_id' if record._name == 'crm.lead' else 'partner_id': record.id})

    @api.model
    @api.private
    def _open(self, agent, records):
        """The agent's open tasks about these customers or inquiries, the next one first."""
        name = 'lead_id' if records._name == 'crm.lead' else 'partner_id'
        return self.search([('agent_id', '=', agent.id), (name, 'in', records.ids), ('done_on', '=', False)])

    @api.private
    def _finish(self):
        self.write({'done_on': fields.Datetime.now()})
