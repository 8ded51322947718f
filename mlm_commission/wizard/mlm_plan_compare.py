# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import api, fields, models
from odoo.tools import format_date

# What is compared beside the rules.
SETTINGS = ('name', 'trigger', 'date_from', 'date_to', 'rounding_mode', 'rounding_unit', 'excluded_product_ids',
            'excluded_categ_ids', 'rank_source', 'rank_compression', 'activity_pay_points', 'activity_pay_value',
            'activity_rank_points', 'activity_rank_value')
# What is compared of a rule, apart from what it does in words.
RULE_FIELDS = ('kind', 'base', 'product_ids', 'categ_ids', 'pricelist_ids', 'country_ids', 'state_ids', 'order_kind', 'buyer',
               'sold_from', 'sold_until', 'except_product_ids', 'except_categ_ids', 'overlap', 'replaces_ids')


class MlmPlanCompare(models.TransientModel):
    """Two versions of a plan side by side: settings and rules in words, what differs stands out."""
    _name = 'mlm.plan.compare'
    _description = 'Compare Versions of a Plan'

    plan_id = fields.Many2one('mlm.plan', string='Version', required=True, readonly=True)
    root_id = fields.Many2one(related='plan_id.root_id')
    other_id = fields.Many2one(
        'mlm.plan', string='Compared With', required=True, compute='_compute_other_id', store=True,
        readonly=False, precompute=True,
        domain="[('root_id', '=', root_id), ('id', '!=', plan_id)]")
    only_changes = fields.Boolean(string='Only What Differs', default=False)
    comparison = fields.Html(compute='_compute_comparison', sanitize=False)

    # === COMPUTE METHODS === #

    @api.depends('plan_id')
    def _compute_other_id(self):
        for wizard in self:
            wizard.other_id = wizard.plan_id.previous_id or wizard.plan_id.next_ids[:1]

    @api.depends('plan_id', 'other_id', 'only_changes')
    @api.depends_context('lang')
    def _compute_comparison(self):
        for wizard in self:
            rows = wizard._rows()
            wizard.comparison = self.env['ir.qweb']._render('mlm_commission.plan_comparison', {
                'before': wizard.other_id, 'after': wizard.plan_id,
                'rows': [row for row in rows if row['differs'] or not wizard.only_changes],
                'count': sum(row['differs'] for row in rows),
            }) if wizard.other_id else False

    # === BUSINESS METHODS === #

    def _rows(self):
        """Put both versions side by side.

        :return: list of {'label', 'before': list of str, 'after': list of str, 'differs': bool, 'is_rule'}; of a rule
            that one version lacks the list is empty
        """
        self.ensure_one()
        before, after = self.other_id, self.plan_id
        rows = [self._row(before._fields[name]._description_string(self.env), [self._text(before, name)],
                          [self._text(after, name)]) for name in SETTINGS]
        for old, new in self._pairs(before.rule_ids, after.rule_ids):
            row = self._row((new or old).name, self._say(old), self._say(new), is_rule=True)
            # The words round and leave out; the data decides.
            row['differs'] = row['differs'] or self._data(old) != self._data(new)
            rows.append(row)
        return rows + self._rank_rows(before, after)

    def _rank_rows(self, before, after):
        """The ladders side by side, rank by rank from the lowest."""
        rows, empty = [], self.env['mlm.plan.rank']
        for rank in (before.rank_ids | after.rank_ids).rank_id.sorted('level'):
            old, new = (plan.rank_ids.filtered(lambda row, rank=rank: row.rank_id == rank) or empty for plan in (before, after))
            row = self._row(rank.name, *(
                [rank.name, one.explanation or ''] if one else [] for one in (old, new)), is_rule=True)
            row['differs'] = row['differs'] or any(
                (old[name] or False) != (new[name] or False)
                for name in ('conditions', 'is_kept_otherwise', 'maintenance', 'shares'))
            rows.append(row)
        return rows

    @staticmethod
    def _row(label, before, after, is_rule=False):
        return {'label': label, 'before': before, 'after': after, 'differs': before != after, 'is_rule': is_rule}

    def _pairs(self, before, after):
        """Match the rules of two versions: by name, then by way of paying in order."""
        pairs, left = {}, before
        for same in (lambda old, new: old.name == new.name, lambda old, new: old.kind == new.kind):
            for new in after:
                old = next((old for old in left if new not in pairs and same(old, new)), None)
                if old:
                    pairs[new], left = old, left - old
        empty = self.env['mlm.plan.rule']
        return [(pairs.get(new, empty), new) for new in after] + [(old, empty) for old in left]

    def _say(self, rule):
        if not rule:
            return []
        lines = [rule.name, rule.explanation or '']
        for name in RULE_FIELDS:
            text = self._text(rule, name)
            if text and str(rule[name]) not in ('replace', 'all'):
                lines.append('%s: %s' % (rule._fields[name]._description_string(self.env), text))
        return lines

    def _data(self, rule):
        return rule and {**rule._to_dict(), 'name': rule.name}

    def _text(self, record, name):
        field, value = record._fields[name], record[name]
        if field.type == 'selection':
            return dict(field._description_selection(self.env)).get(value, '')
        if field.type == 'many2many':
            return ', '.join(value.mapped('display_name'))
        if field.type == 'date':
            return format_date(self.env, value) if value else ''
        return str(value or '')
