# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import api, fields, models
from odoo.exceptions import ValidationError

# Fields of a lead that an answer may fill. Those that decide who sees or owns the lead are none of them.
TARGETS = (
    'name', 'contact_name', 'partner_name', 'function', 'email_from', 'phone', 'website', 'street', 'street2', 'zip', 'city',
    'state_id', 'country_id', 'lang_id', 'referred', 'expected_revenue', 'priority', 'date_deadline',
)
TARGET_TYPES = ('char', 'text', 'integer', 'float', 'monetary', 'boolean', 'date', 'datetime', 'selection', 'many2one')


class MlmLeadMapping(models.Model):
    """Where the answer to a question goes. Unmapped answers stand in the lead's description in any case."""
    _name = 'mlm.lead.mapping'
    _description = 'Question of a Lead Source'
    _order = 'source_id, sequence, id'
    _rec_name = 'question'

    source_id = fields.Many2one('mlm.lead.source', required=True, index=True, ondelete='cascade')
    sequence = fields.Integer(default=10)
    question = fields.Char(
        required=True, help='The question, or its key at the vendor, as it stands in an event. Capitals do not matter.')
    form_id = fields.Char(string='Only Form', help='Id of the form at the vendor. Empty: all forms.')
    target = fields.Selection(
        [('field', 'A field of the lead'), ('interest', 'Interest, for the rules'), ('agent', 'Code of the agent'),
         ('tag', 'A tag'), ('consent', 'A consent'), ('note', 'The description'), ('ignore', 'Nothing')],
        required=True, default='field')
    field_id = fields.Many2one(
        'ir.model.fields', string='Field', ondelete='cascade',
        domain=lambda self: [('model', '=', 'crm.lead'), '|', ('name', 'in', TARGETS), ('name', '=like', r'x\_%'),
                             ('ttype', 'in', TARGET_TYPES)])
    channel = fields.Selection(
        [('phone', 'Phone'), ('sms', 'SMS'), ('email', 'E-mail'), ('other', 'Other')], string='Channel')
    wording = fields.Text(help='What the person agreed to, if the vendor does not tell.')

    @api.constrains('target', 'field_id', 'channel')
    def _check_target(self):
        for mapping in self:
            field = mapping.field_id.sudo()  # the name of a field is no secret
            if mapping.target == 'field' and not field:
                raise ValidationError(self.env._('"%(question)s" shall fill a field: choose which.', question=mapping.question))
            if field and (field.model != 'crm.lead' or not (field.name in TARGETS or field.name.startswith('x_'))
                          or field.ttype not in TARGET_TYPES):
                raise ValidationError(self.env._(
                    '"%(question)s" cannot fill %(field)s. Choose a field of the contact, or one of your own (x_...).',
                    question=mapping.question, field=field.field_description))
            if mapping.target == 'consent' and not mapping.channel:
                raise ValidationError(self.env._(
                    '"%(question)s" is a consent: choose the channel it is for.', question=mapping.question))

    def _find(self, key, label, form_id):
        """The line for an answer: of its form first, then of all forms."""
        names = {text.casefold().strip() for text in (key, label) if text}
        fits = self.filtered(lambda m: m.question.casefold().strip() in names and m.form_id in (False, '', form_id))
        return fits.sorted(lambda m: not m.form_id)[:1]
