# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a statement's lines are: written by closing, digested and checked by auditing."""

#: kind of a statement's line: the statement's total that it counts in
KINDS = {
    'commission': 'earned',
    'clawback': 'clawed_back',
    'reserve_held': 'reserve_held',
    'reserve_released': 'reserve_released',
    'reserve_used': 'reserve_released',
    'adjustment': 'adjusted',
}
TOTALS = list(dict.fromkeys(KINDS.values()))
