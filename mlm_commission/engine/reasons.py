# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Why somebody is paid, or is not: stable codes and the sentences that go with them.

Codes below 100 are payments, codes from 100 are reasons for not paying. Codes are stored with the
commissions, so a number is never reused. Sentences are templates; the values are filled in by
`explain.sentence`. A rule may replace a sentence by its own in its ``sentences`` attribute.
"""

from enum import IntEnum

from .i18n import _

UNPAID = 100


class Reason(IntEnum):
    """Code of an entry or of a step of an explanation."""

    OWN = 1
    LEVEL = 2
    DIFFERENCE = 3
    EQUAL = 4
    DIRECT = 5
    INFINITY = 6
    RETAIL = 7
    SHARE = 8
    REMAINDER = 9
    UNITS = 10
    GROUP = 20
    LEADERSHIP = 21
    PAIRS = 22
    PAIRS_UNDONE = 23
    MATCHING = 24
    POOL = 25
    ADVANCE = 26
    CUT = 27

    INACTIVE_PASSED = 101
    INACTIVE_LOST = 102
    NO_AGREEMENT = 103
    SAME_RATE = 104
    LOWER_RATE = 105
    LEVELS_USED = 106
    SELLER_COUNTS = 107
    SELLER_IGNORED = 108
    NO_AGREEMENT_PASSED = 109
    UNQUALIFIED_LOST = 110
    UNQUALIFIED_PASSED = 111
    NOT_COUNTED = 112
    NO_LEVEL = 113
    BLOCKED = 114
    NOT_FOUND = 115
    INACTIVE = 116
    NO_AGREEMENT_AT_ALL = 117
    NOTHING_DUE = 118
    LEFT_OUT = 120
    NOT_IN_SCOPE = 121

    @property
    def paid(self):
        """Whether the code stands for a payment."""
        return self < UNPAID


SENTENCES = {
    Reason.OWN: _('Agent %(agent)s sold this and earns the own rate: '
                  '%(rate)s %% of %(base)s is %(amount)s.'),
    Reason.LEVEL: _('Agent %(agent)s stands on level %(level)s: '
                    '%(rate)s %% of %(base)s is %(amount)s.'),
    Reason.DIFFERENCE: _('Agent %(agent)s has %(own)s %%; %(reached)s %% were already reached '
                         'below, so the difference of %(rate)s %% of %(base)s is paid: '
                         '%(amount)s.'),
    Reason.EQUAL: _('Agent %(agent)s has exactly the %(reached)s %% reached below and gets the '
                    'rate for equals: %(rate)s %% of %(base)s is %(amount)s.'),
    Reason.DIRECT: _('Agent %(agent)s is the sponsor of the seller and gets the direct rate '
                     'instead of a difference: %(rate)s %% of %(base)s is %(amount)s.'),
    Reason.INFINITY: _('Agent %(agent)s is the nearest agent above with the rank for the infinity '
                       'bonus: %(rate)s %% of %(base)s is %(amount)s.'),
    Reason.RETAIL: _('Agent %(agent)s brought the customer and earns the retail profit: '
                     '%(rate)s %% of %(base)s is %(amount)s.'),
    Reason.SHARE: _('Account %(agent)s has a fixed share: %(rate)s %% of %(base)s is %(amount)s.'),
    Reason.REMAINDER: _('What is left of %(base)s goes to account %(agent)s: %(amount)s.'),
    Reason.UNITS: _('Agent %(agent)s stands on level %(level)s and gets %(amount)s by quantity.'),
    Reason.GROUP: _('The group of agent %(agent)s reached %(rate)s %%; after what the groups below '
                    'earn, %(amount)s of the volume of %(base)s is left.'),
    Reason.LEADERSHIP: _('Agent %(agent)s gets the leadership bonus for groups that stand on their '
                         'own: %(amount)s.'),
    Reason.PAIRS: _('Agent %(agent)s is paid for the balanced volume of both legs, %(base)s: '
                    '%(amount)s.'),
    Reason.PAIRS_UNDONE: _('Volume that was balanced before was taken back from agent %(agent)s: '
                           '%(amount)s.'),
    Reason.MATCHING: _('Agent %(agent)s gets %(rate)s %% of what generation %(level)s earned, '
                       '%(base)s: %(amount)s.'),
    Reason.POOL: _('Agent %(agent)s has a share in a pool of %(base)s: %(amount)s.'),
    Reason.ADVANCE: _('Agent %(agent)s reached a new highest rank: %(amount)s.'),
    Reason.CUT: _('The commissions of agent %(agent)s, %(base)s, exceed the cap: %(amount)s.'),
    Reason.INACTIVE_PASSED: _('Agent %(agent)s is not active and is passed over.'),
    Reason.INACTIVE_LOST: _('Agent %(agent)s is not active; what was due here stays with the '
                            'company.'),
    Reason.NO_AGREEMENT: _('Agent %(agent)s has no agreement for this sale and earns nothing; '
                           'what was due here stays with the company.'),
    Reason.NO_AGREEMENT_PASSED: _('Agent %(agent)s has no agreement for this sale and is passed '
                                  'over.'),
    Reason.SAME_RATE: _('Agent %(agent)s has %(own)s %%, the rate that was already reached below: '
                        'there is no difference to pay.'),
    Reason.LOWER_RATE: _('Agent %(agent)s has %(own)s %%, less than the %(reached)s %% already '
                         'reached below.'),
    Reason.LEVELS_USED: _('Agent %(agent)s stands higher than level %(levels)s, the last that is paid.'),
    Reason.SELLER_COUNTS: _('Agent %(agent)s sold this; own sales are not paid by this rule, but '
                            'the own rate of %(own)s %% counts as reached.'),
    Reason.SELLER_IGNORED: _('Agent %(agent)s sold this; own sales are not paid by this rule.'),
    Reason.UNQUALIFIED_LOST: _('Agent %(agent)s does not qualify for level %(level)s; what was due '
                               'here stays with the company.'),
    Reason.UNQUALIFIED_PASSED: _('Agent %(agent)s does not qualify for level %(level)s and is '
                                 'passed over.'),
    Reason.NOT_COUNTED: _('Agent %(agent)s takes no level under this rule.'),
    Reason.NO_LEVEL: _('For agent %(agent)s this sale lies before the first level.'),
    Reason.BLOCKED: _('Agent %(agent)s would qualify, but somebody nearer to the seller already '
                      'did.'),
    Reason.NOT_FOUND: _('There is nobody above who could be paid.'),
    Reason.INACTIVE: _('Agent %(agent)s is not active and earns nothing.'),
    Reason.NO_AGREEMENT_AT_ALL: _('Agent %(agent)s has no agreement and earns nothing.'),
    Reason.NOTHING_DUE: _('Nothing is due to agent %(agent)s: there is no volume, or the '
                          'conditions of the rule are not met.'),
    Reason.LEFT_OUT: _('%(count)s more agents above are not listed; none of them is paid.'),
    Reason.NOT_IN_SCOPE: _('The rule does not hold for this sale.'),
}
