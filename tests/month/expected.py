# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The demo's month, worked out by hand.

The company handles claims of accident victims. Its network and the rates each agent has agreed to, in percent of the
company's net fee:

    B1 30               B2 28                      B3 25
     |                 /     \\                     /    \\
    C1 24          C2 22     C3 20         F1 15 (suspended)   G1 15 (terminated)
                     |
                   D1 18 (expert reports: 8)
                  /    \\
             E1 12      E2 10 (expert reports: 5)

Two rules. *Differential*: everyone from the seller up earns the difference between the own rate and the best rate
below; amounts are differences of rounded running totals, so a sale never costs more than its rounded best rate.
*Sponsor's bonus*: 1 percent of the net amount to the seller's sponsor. Sales count when they are paid. Court costs are
passed on to the customer and earn nothing.
"""

#: order -> (seller, [(product, net amount)])
SALES = {
    'b1': ('B1', [('settlement', '3000.00')]),
    'b2': ('B2', [('settlement', '4000.00')]),
    'b3': ('B3', [('settlement', '1500.00')]),
    'c1': ('C1', [('settlement', '2450.00'), ('report', '390.00')]),
    'c2': ('C2', [('settlement', '1999.99')]),
    'c3': ('C3', [('settlement', '820.50')]),
    'd1': ('D1', [('settlement', '5300.00'), ('report', '390.00'), ('court', '250.00')]),
    'e1': ('E1', [('settlement', '1234.56')]),
    'e2': ('E2', [('settlement', '990.00'), ('report', '390.00')]),
    'f1': ('F1', [('settlement', '600.00')]),
    'late': ('E1', [('settlement', '777.77')]),  # invoiced in the month, paid only afterwards
}

SPONSORS = {'C1': 'B1', 'C2': 'B2', 'C3': 'B2', 'D1': 'C2', 'E1': 'D1', 'E2': 'D1', 'F1': 'B3', 'G1': 'B3'}
RATES = {'B1': 30, 'B2': 28, 'B3': 25, 'C1': 24, 'C2': 22, 'C3': 20, 'D1': 18, 'E1': 12, 'E2': 10, 'F1': 15, 'G1': 15}
REPORT_RATES = {**RATES, 'D1': 8, 'E2': 5}
INACTIVE = {'F1', 'G1'}

#: (order, product) -> {agent: differential}
DIFFERENTIAL = {
    ('b1', 'settlement'): {'B1': '900.00'},  # 30 % of 3000
    ('b2', 'settlement'): {'B2': '1120.00'},  # 28 % of 4000
    ('b3', 'settlement'): {'B3': '375.00'},  # 25 % of 1500
    # 24 % of 2450 = 588; 30 % = 735, so 147 more
    ('c1', 'settlement'): {'C1': '588.00', 'B1': '147.00'},
    # 24 % of 390 = 93.60; 30 % = 117, so 23.40 more
    ('c1', 'report'): {'C1': '93.60', 'B1': '23.40'},
    # 22 % of 1999.99 = 439.9978 -> 440.00; 28 % = 559.9972 -> 560.00, so 120.00 more
    ('c2', 'settlement'): {'C2': '440.00', 'B2': '120.00'},
    # 20 % of 820.50 = 164.10; 28 % = 229.74, so 65.64 more
    ('c3', 'settlement'): {'C3': '164.10', 'B2': '65.64'},
    # 18 % of 5300 = 954; 22 % = 1166; 28 % = 1484
    ('d1', 'settlement'): {'D1': '954.00', 'C2': '212.00', 'B2': '318.00'},
    # expert reports: D1 has 8 % = 31.20; C2 22 % = 85.80; B2 28 % = 109.20
    ('d1', 'report'): {'D1': '31.20', 'C2': '54.60', 'B2': '23.40'},
    # 12 % of 1234.56 = 148.1472 -> 148.15; 18 % = 222.2208 -> 222.22; 22 % = 271.6032 -> 271.60; 28 % = 345.6768 -> 345.68
    ('e1', 'settlement'): {'E1': '148.15', 'D1': '74.07', 'C2': '49.38', 'B2': '74.08'},
    # 10 % of 990 = 99; 18 % = 178.20; 22 % = 217.80; 28 % = 277.20
    ('e2', 'settlement'): {'E2': '99.00', 'D1': '79.20', 'C2': '39.60', 'B2': '59.40'},
    # 5 % of 390 = 19.50; D1 8 % = 31.20; 22 % = 85.80; 28 % = 109.20
    ('e2', 'report'): {'E2': '19.50', 'D1': '11.70', 'C2': '54.60', 'B2': '23.40'},
    # F1 is suspended: nothing, and the slice passes up; 25 % of 600
    ('f1', 'settlement'): {'B3': '150.00'},
}

#: (order, product) -> {agent: sponsor's bonus}, 1 % to the seller's sponsor
SPONSOR_BONUS = {
    ('c1', 'settlement'): {'B1': '24.50'},
    ('c1', 'report'): {'B1': '3.90'},
    ('c2', 'settlement'): {'B2': '20.00'},  # 19.9999
    ('c3', 'settlement'): {'B2': '8.21'},  # 8.205, half up
    ('d1', 'settlement'): {'C2': '53.00'},
    ('d1', 'report'): {'C2': '3.90'},
    ('e1', 'settlement'): {'D1': '12.35'},  # 12.3456
    ('e2', 'settlement'): {'D1': '9.90'},
    ('e2', 'report'): {'D1': '3.90'},
    ('f1', 'settlement'): {'B3': '6.00'},
}

#: agent -> (differential, sponsor's bonus, payable)
STATEMENTS = {
    'B1': ('1070.40', '28.40', '1098.80'),  # 900 + 147 + 23.40; 24.50 + 3.90
    # 1120 + 120 + 65.64 + 318 + 23.40 + 74.08 + 59.40 + 23.40; 20 + 8.21
    'B2': ('1803.92', '28.21', '1832.13'),
    'B3': ('525.00', '6.00', '531.00'),  # 375 + 150; 6
    'C1': ('681.60', '0.00', '681.60'),  # 588 + 93.60
    'C2': ('850.18', '56.90', '907.08'),  # 440 + 212 + 54.60 + 49.38 + 39.60 + 54.60; 53 + 3.90
    'C3': ('164.10', '0.00', '164.10'),
    'D1': ('1150.17', '26.15', '1176.32'),  # 954 + 31.20 + 74.07 + 79.20 + 11.70; 12.35 + 9.90 + 3.90
    'E1': ('148.15', '0.00', '148.15'),
    'E2': ('118.50', '0.00', '118.50'),  # 99 + 19.50
}

# Afterwards E1's late customer pays 777.77, and a quarter of D1's fee (1325 of 5300) is credited.
#: agent -> (differential, sponsor's bonus, clawed back) of the month after
AFTERWARDS = {
    # late: 12 % = 93.3324 -> 93.33; 18 % = 139.9986 -> 140.00; 22 % = 171.1094 -> 171.11; 28 % = 217.7756 -> 217.78
    'E1': ('93.33', '0.00', '0.00'),
    'D1': ('46.67', '7.78', '-238.50'),  # 140.00 - 93.33; 1 % = 7.7777; a quarter of 954
    'C2': ('31.11', '0.00', '-66.25'),  # 171.11 - 140.00; a quarter of 212 and of the bonus of 53: 53.00 + 13.25
    'B2': ('46.67', '0.00', '-79.50'),  # 217.78 - 171.11; a quarter of 318
}
