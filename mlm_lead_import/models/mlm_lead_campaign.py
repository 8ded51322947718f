# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models


class MlmLeadCampaign(models.Model):
    """A campaign of the vendor, by its id: names change, repeat, and hold characters that a search by name takes for
    wildcards."""
    _name = 'mlm.lead.campaign'
    _description = 'Campaign of a Lead Source'
    _order = 'source_id, name, id'

    source_id = fields.Many2one('mlm.lead.source', required=True, index=True, ondelete='cascade')
    company_id = fields.Many2one(related='source_id.company_id', store=True)
    currency_id = fields.Many2one(related='company_id.currency_id')
    external_id = fields.Char(string='Id at the Vendor', required=True)
    name = fields.Char(help='As the vendor last called it.')
    campaign_id = fields.Many2one('utm.campaign', string='Campaign', required=True, index=True, ondelete='restrict')
    team_id = fields.Many2one('crm.team', string='Sales Team', help='Empty: that of the source.')
    tag_ids = fields.Many2many('crm.tag', string='Tags')
    interest = fields.Char(help='What these leads are interested in, for the rules, if no answer tells.')
    cost = fields.Monetary(help='Spent so far, for the cost per lead.')

    _external_uniq = models.UniqueIndex('(source_id, external_id)', 'A source knows each campaign once.')

    @api.model
    def _get(self, source, external_id, name, create=True):
        """The campaign of a source by its id; an unknown one is made, with a campaign of its own in Odoo.

        :param create: False only looks
        """
        if not external_id:
            return self.browse()
        found = self.search([('source_id', '=', source._origin.id), ('external_id', '=', external_id)], limit=1)
        if not create:
            return found
        if found and name and found.name != name:
            found.name = name
        title = name or external_id
        return found or self.create({
            'source_id': source.id, 'external_id': external_id, 'name': name,
            'campaign_id': self.env['utm.campaign'].create({'title': title}).id,
        })
