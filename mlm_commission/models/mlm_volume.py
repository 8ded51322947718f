# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from collections import defaultdict

from markupsafe import Markup

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import SQL

from .. import circumstances
from ..ledger import Fact, Measures, balance

TRIGGERS = [('invoiced', 'Invoiced'), ('paid', 'Paid')]
EVENTS = [
    ('posted', 'Invoice posted'),
    ('credited', 'Credit note'),
    ('reset', 'Reset to draft'),
    ('cancelled', 'Cancelled'),
    ('paid', 'Payment'),
    ('unpaid', 'Payment undone'),
    ('changed', 'Agent or customer changed'),
    ('deleted', 'Deleted'),
]


class MlmVolume(models.Model):
    """What was sold, by whom, when, for how much that counts.

    A ledger: accounting events append facts (see :mod:`ledger`), nothing changes or deletes them. The facts of an
    invoice line add up to what it is worth for commission now; a correction of what was settled lands in the period
    that is open.
    """
    _name = 'mlm.volume'
    _description = 'Commissionable Volume'
    _order = 'date desc, id desc'
    _rec_name = 'source'
    _check_company_auto = True

    company_id = fields.Many2one('res.company', string='Company', required=True, index=True, readonly=True)
    currency_id = fields.Many2one('res.currency', string='Currency', required=True, readonly=True)
    trigger = fields.Selection(TRIGGERS, string='Counted When', required=True, readonly=True)
    event = fields.Selection(EVENTS, string='Event', required=True, readonly=True)
    date = fields.Date(string='Date', required=True, index=True, readonly=True)
    source = fields.Char(string='Document', required=True, readonly=True)
    # The document may go (a draft can be deleted), what was counted stays.
    move_id = fields.Many2one(
        'account.move', string='Invoice', index='btree_not_null', ondelete='set null', readonly=True)
    # Not a relation: lines are deleted and made anew while an invoice is a draft.
    line_ref = fields.Integer(string='Invoice Line ID', required=True, readonly=True)
    agent_id = fields.Many2one(
        'res.partner', string='Agent', required=True, index=True, ondelete='restrict', readonly=True)
    partner_id = fields.Many2one(
        'res.partner', string='Customer', required=True, index=True, ondelete='restrict', readonly=True)
    product_id = fields.Many2one(
        'product.product', string='Product', index='btree_not_null', ondelete='restrict', readonly=True)
    categ_id = fields.Many2one(
        'product.category', string='Product Category', index='btree_not_null', ondelete='restrict', readonly=True)
    quantity = fields.Float(string='Quantity', digits=(16, 3), readonly=True)
    net = fields.Monetary(
        string='Net Amount', readonly=True, help='In the company\'s currency, at the rate of the invoice\'s date.')
    document_currency_id = fields.Many2one('res.currency', string='Invoice Currency', readonly=True)
    document_net = fields.Monetary(
        string='Net Amount Invoiced', currency_field='document_currency_id', readonly=True,
        help='In the currency of the invoice.')
    margin = fields.Monetary(string='Margin', readonly=True)
    points = fields.Float(string='Points', digits=(16, 2), readonly=True)
    total = fields.Monetary(
        string='Valuation Sum', readonly=True, help='What is paid by the thousand, such as the sum insured.')
    # What was so when it was first counted, whatever changes later; see `circumstances`.
    pricelist_id = fields.Many2one(
        'product.pricelist', string='Pricelist', index='btree_not_null', ondelete='restrict', readonly=True)
    country_id = fields.Many2one('res.country', string='Country', ondelete='restrict', readonly=True)
    state_id = fields.Many2one('res.country.state', string='State', ondelete='restrict', readonly=True)
    first_order = fields.Boolean(
        string='First Order', readonly=True, help='The customer had not bought from the company before.')
    own_purchase = fields.Boolean(
        string='Bought by an Agent', readonly=True, help='The buyer is an agent of the network, not a customer.')
    agent_days = fields.Integer(
        string='Days since Joining', readonly=True, aggregator=None,
        help='For how many days the agent had been one on the day of the sale.')
    origin_id = fields.Many2one(
        'mlm.volume', string='Adjusts', index='btree_not_null', ondelete='restrict', readonly=True,
        help='The fact that this one takes back or gives back, in whole or in part.',
    )
    adjustment_ids = fields.One2many('mlm.volume', 'origin_id', string='Adjustments', readonly=True)

    # What is taken back when the sale is credited: frozen with the sale; empty terms are those of the plan that paid.
    liability_id = fields.Many2one(
        'mlm.liability', string='Cancellation Liability', index='btree_not_null', ondelete='restrict', readonly=True)
    liability_from = fields.Date(string='Liable From', readonly=True)
    liability_to = fields.Date(string='Liable Until', readonly=True)
    cancel_date = fields.Date(string='Cancelled On', readonly=True)
    cancel_reason = fields.Char(string='Reason of the Cancellation', readonly=True)
    cancel_measures = fields.Char(string='Done to Keep It', readonly=True)
    payments = fields.Integer(
        string='Payments', readonly=True, aggregator=None, help='How many came in until the cancellation.')

    # Whether a company counts payments is asked whenever something is matched.
    _paid = models.Index("(company_id) WHERE trigger = 'paid'")

    explanation = fields.Html(string='Why', compute='_compute_explanation', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends_context('lang')
    def _compute_explanation(self):
        """Of every plan that settled the sale: who was paid, who was not, and why."""
        for volume in self:
            self.env.cr.execute(SQL('SELECT run_id FROM mlm_claim WHERE volume_id = %s ORDER BY plan_id', volume.id))
            # Who may read the sale may know why it paid whom; what a run read stays closed.
            runs = self.env['mlm.run'].browse([run_id for [run_id] in self.env.cr.fetchall()])
            volume.explanation = Markup().join(run._explain_html(volume) for run in runs)

    # === CRUD METHODS === #

    def write(self, vals):
        """Refuse: facts are only ever appended."""
        raise UserError(self.env._(
            'Volume is a ledger: what was counted is not changed. Correct the invoice, and the correction is counted.'))

    @api.ondelete(at_uninstall=False)
    def _unlink_never(self):
        raise UserError(self.env._(
            'Volume is a ledger: what was counted is not deleted. Cancel or credit the invoice instead.'))

    # === BUSINESS METHODS === #

    @api.private
    @api.model
    def _record(self, moves, event, fresh=None, gone=None):
        """Append the facts that follow from what just happened to some journal entries.

        :param moves: `account.move` recordset; what is no customer document is passed over
        :param str event: one of ``EVENTS``
        :param fresh: the moves among them that were just posted for the first time: nothing is recorded of them
            yet, so nothing is looked up
        :param gone: the moves among them that are about to be deleted, worth nothing whatever their state
        :return: the new `mlm.volume` records
        """
        moves = moves.filtered(lambda move: move.is_sale_document(include_receipts=True))
        if not moves:
            return self.browse()
        fresh = fresh or moves.browse()
        # A credit note speaks about the invoice it credits.
        documents = moves | moves.reversed_entry_id
        documents.filtered(lambda move: move.state == 'posted')._mlm_decide()
        recorded = self._recorded(documents - fresh)
        lookup = circumstances.Reader(documents, fresh)
        if fresh:
            lookup.found()  # before the lines are measured
        vals_list = []
        for document in documents:
            sold = {} if gone and document in gone else document._mlm_worth(recorded, lookup=document not in fresh)
            for trigger in self.env['mlm.plan']._triggers(document.company_id.id):
                worth = document._mlm_worth_paid(sold) if trigger == 'paid' else sold
                # Lines that are gone are worth nothing, yet what was recorded of them must be taken back.
                for line_ref in sorted(worth.keys() | recorded[document.id, trigger].keys()):
                    facts = balance(recorded[document.id, trigger].get(line_ref, []), worth.get(line_ref))
                    vals_list += [
                        {**self._prepare_fact_values(document, trigger, event, moves, line_ref, fact),
                         **self._circumstances(document, line_ref, fact, recorded, lookup)} for fact in facts
                    ]
        # Whoever may post, credit or pay an invoice causes volume, without a right to write the ledger.
        return self.sudo().create(self._keep_order(vals_list))

    @api.model
    def _keep_order(self, vals_list):
        """Date adjustments of one fact no earlier than those before them.

        A credit note may be dated back behind the day on which another one was undone. A period must not settle it
        without what came before it, or more would be taken back than there was.
        """
        origins = self.sudo().browse({vals['origin_id'] for vals in vals_list if vals['origin_id']})
        if origins:
            latest = {origin: day for origin, day in self.sudo()._read_group(
                [('origin_id', 'in', origins.ids)], ['origin_id'], ['date:max'])}
            for vals in vals_list:
                origin = self.sudo().browse(vals['origin_id'])
                if origin:
                    vals['date'] = max(vals['date'], origin.date, latest.get(origin, origin.date))
        return vals_list

    @api.model
    def _recorded(self, documents):
        """Read what is recorded of some documents, oldest first.

        :return: {(move id, trigger): {line id: [:class:`Fact`]}}
        """
        recorded = defaultdict(lambda: defaultdict(list))
        if not documents:
            return recorded
        # The whole of the ledger counts, also what the current user may not read.
        for volume in self.sudo().search_fetch(
            Domain('move_id', 'in', documents.ids),
            ['move_id', 'trigger', 'line_ref', 'origin_id', 'agent_id', 'partner_id', 'product_id',
             'net', 'margin', 'points', 'quantity', 'currency_id', 'document_net', 'document_currency_id', 'total',
             *circumstances.NAMES],
            order='id',
        ):
            recorded[volume.move_id.id, volume.trigger][volume.line_ref].append(Fact(
                volume.id, volume.origin_id.id or None, volume._key(), volume._measures()))
        return recorded

    def _key(self):
        self.ensure_one()
        return (self.agent_id.id, self.partner_id.id, self.product_id.id)

    def _measures(self):
        self.ensure_one()
        minor = 10 ** self.currency_id.decimal_places
        return Measures(
            round(self.net * minor), round(self.margin * minor), round(self.points * 100), round(self.quantity * 1000),
            round(self.document_net * 10 ** self.document_currency_id.decimal_places), round(self.total * minor))

    @api.model
    def _circumstances(self, document, line_ref, fact, recorded, lookup):
        """What was so when the sale was first counted: as the fact it belongs to says, else as it is now.

        :param lookup: :class:`circumstances.Reader`
        """
        origin = fact.origin or next((
            known.id for known in recorded[document.id, 'invoiced'].get(line_ref, ())
            if known.origin is None and known.key == fact.key), None)
        if not origin:
            return lookup.of(document, self.env['account.move.line'].browse(line_ref))
        first = self.sudo().browse(origin)  # read along with what is recorded
        return {name: getattr(first[name], 'id', first[name]) for name in circumstances.NAMES}

    @api.model
    def _prepare_fact_values(self, document, trigger, event, moves, line_ref, fact):
        """Turn a fact of the ledger's arithmetic into the values of a record."""
        agent_id, partner_id, product_id = fact.key
        minor = 10 ** document.company_currency_id.decimal_places
        product = self.env['product.product'].browse(product_id)
        return {
            'company_id': document.company_id.id,
            'currency_id': document.company_currency_id.id,
            'trigger': trigger,
            'event': event,
            'date': document._mlm_fact_date(trigger, event, moves, adjusts=bool(fact.origin)),
            'source': (moves & document.reversal_move_ids)[:1].name if event == 'credited' and fact.origin
            else document.name or document.ref or self.env._('Draft Invoice'),
            'move_id': document.id,
            'line_ref': line_ref,
            'agent_id': agent_id,
            'partner_id': partner_id,
            'product_id': product_id,
            'categ_id': product.categ_id.id,
            'quantity': fact.measures.quantity / 1000,
            'net': fact.measures.net / minor,
            'document_currency_id': document.currency_id.id,
            'document_net': fact.measures.document / 10 ** document.currency_id.decimal_places,
            'margin': fact.measures.margin / minor,
            'points': fact.measures.points / 100,
            'total': fact.measures.total / minor,
            'origin_id': fact.origin,
            **(self._prepare_cancellation(document, event, moves) if fact.origin else self._prepare_liability(
                document, product)),
        }

    @api.model
    def _prepare_liability(self, document, product):
        """The terms under which something is sold, as they are now."""
        liability = product._mlm_liability() if product else self.env['mlm.liability']
        start = document.mlm_contract_date or document.invoice_date or document.date
        return {
            'liability_id': liability.id,
            'liability_from': start,
            # Whoever posts need not be allowed to read terms.
            'liability_to': liability.sudo()._to_engine().end(start) if liability else False,
        }

    @api.model
    def _prepare_cancellation(self, document, event, moves):
        """When and why a sale was taken back, and how much of it was paid for by then."""
        if event != 'credited':
            return {}
        credit_note = (moves & document.reversal_move_ids).sorted(lambda move: (move.invoice_date, move.id))[-1:]
        return {
            'cancel_date': credit_note.mlm_cancel_date or credit_note.invoice_date,
            # Kept as it was said then: a credit note's reference may be written anew.
            'cancel_reason': credit_note.mlm_cancel_reason or credit_note.ref,
            'cancel_measures': credit_note.mlm_cancel_measures,
            'payments': document._mlm_payment_count(),
        }
