# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What was so when a sale was first counted: where the customer lives, whether it was the first order, how long the agent
had been there. Kept with the fact, so that a later change of the customer rewrites nothing.
"""
from odoo.tools import SQL

# Columns of the ledger that a rule may ask for; see `Reader.of`.
NAMES = ('pricelist_id', 'country_id', 'state_id', 'first_order', 'own_purchase', 'agent_days')


class Reader:
    """Looks up what the records in memory do not tell, by one statement for a whole batch, and only when asked.

    :param documents: `account.move` recordset
    :param fresh: those of them that were just posted for the first time; their products' cost is read along
    """

    def __init__(self, documents, fresh):
        self.documents, self.fresh, self._found = documents, fresh, None

    def of(self, document, line):
        """Tell the circumstances of a line.

        :param document: `account.move` record
        :param line: `account.move.line` record of it
        :return: {name of ``NAMES``: value}
        """
        first, joined = self.found()[document.id]
        sold_on = document.invoice_date or document.date
        region = document.partner_id if document.partner_id.country_id else document.commercial_partner_id
        return {
            'pricelist_id': line.mlm_pricelist_id.id,
            'country_id': region.country_id.id,
            'state_id': region.state_id.id,
            'first_order': first,
            'own_purchase': document.commercial_partner_id.mlm_agent_state != 'none',
            'agent_days': (sold_on - joined).days if joined else -1,
        }

    def found(self):
        """{document's id: (whether it belongs to the customer's first order, day on which its agent became one)}"""
        if self._found is None:
            moves, costs = self._sql_moves(), self._sql_costs()
            rows = self.documents.env.execute_query(SQL(
                '%s UNION ALL %s', moves, costs) if costs else moves)
            self._found = {id_: (first, joined) for id_, first, joined, is_move, _cost in rows if is_move}
            self._remember({id_: cost for id_, _first, _joined, is_move, cost in rows if not is_move})
        return self._found

    def _sql_moves(self):
        """First is who has bought nothing before but what belongs to the same order; what was cancelled is no order."""
        env, ids = self.documents.env, self.documents.ids
        flush = [env[model]._fields[name] for model, names in (
            ('account.move', ('mlm_agent_id', 'commercial_partner_id', 'company_id', 'invoice_date', 'state', 'move_type')),
            ('mlm.volume', ('partner_id', 'company_id', 'origin_id', 'move_id', 'net')),
            ('mlm.sponsorship', ('partner_id', 'agent_state', 'date_from')),
            ('account.move.line', ('move_id', 'sale_line_ids')), ('sale.order.line', ('order_id',)),
        ) for name in names]
        return SQL(
            """
            SELECT m.id, NOT EXISTS (
                SELECT FROM (
                    SELECT v.move_id FROM mlm_volume v JOIN account_move c ON c.id = v.move_id AND c.state = 'posted'
                     WHERE v.partner_id = m.commercial_partner_id AND v.company_id = m.company_id AND v.origin_id IS NULL
                       AND v.net > 0 AND v.move_id <> m.id
                    UNION ALL
                    SELECT b.id FROM account_move b
                     WHERE b.id = ANY(%(ids)s) AND b.commercial_partner_id = m.commercial_partner_id
                       AND b.company_id = m.company_id AND b.move_type IN ('out_invoice', 'out_receipt')
                       AND (b.invoice_date, b.id) < (m.invoice_date, m.id)
                ) AS earlier WHERE NOT EXISTS (
                    SELECT FROM account_move_line one
                      JOIN sale_order_line_invoice_rel of_one ON of_one.invoice_line_id = one.id
                      JOIN sale_order_line sold ON sold.id = of_one.order_line_id
                      JOIN sale_order_line same ON same.order_id = sold.order_id
                      JOIN sale_order_line_invoice_rel of_two ON of_two.order_line_id = same.id
                      JOIN account_move_line two ON two.id = of_two.invoice_line_id
                     WHERE one.move_id = m.id AND two.move_id = earlier.move_id)
            ), (SELECT min(s.date_from) FROM mlm_sponsorship s
                 WHERE s.partner_id = m.mlm_agent_id AND s.agent_state IN ('active', 'suspended', 'terminated')),
            TRUE, NULL::float8 FROM account_move m WHERE m.id = ANY(%(ids)s)
            """, ids=ids, to_flush=flush)

    def _products(self):
        companies = self.fresh.company_id
        # As the user who posts reads them below, whoever that is.
        return self.fresh.invoice_line_ids.product_id.with_company(companies).sudo() if len(companies) == 1 else None

    def _sql_costs(self):
        products = self._products()
        if not products:
            return None
        query = products._as_query(ordered=False)
        return query.select(
            SQL('product_product.id'), SQL('NULL::bool'), SQL('NULL::date'), SQL('FALSE'),
            SQL('(%s)::float8', products._field_to_sql('product_product', 'standard_price', query)))

    def _remember(self, costs):
        """Have the products' costs in the cache, where reading them costs no statement of its own."""
        if costs:
            products = self._products().browse(costs)
            products._fields['standard_price']._insert_cache(products, costs.values())
