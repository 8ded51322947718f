# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What becomes of offers and contracts, beside what comes with the demo data: followed up, stopped, asked about, signed,
withdrawn from, declined, expired, lost.

Every step is what the customer does on the page, staff on the screen, or a scheduled action by itself; only days are moved
back. Doing it again changes nothing. Run by ``setup/demo`` after the month; the tests import it.
"""
from datetime import timedelta

from odoo import fields

SIGNED_AT = ('192.0.2.18', 'Demonstration')


def show(env):
    """Make the offers and contracts that the demo data lacks."""
    if env.ref('mlm_offers.demo_offer_followed', raise_if_not_found=False):
        return
    env = env(context=env.context | {'mail_notify_force_send': False})  # nothing leaves while this runs
    follow_up(env)
    answer(env)
    sign(env)
    withdraw(env)
    not_signed(env)
    agreements(env)


def offer(env, name, template, customer, agent, days, discount=0):
    """An offer, sent so many days ago.

    :return: `sale.order` record
    """
    order = env.ref(f'mlm_offers.demo_template_{template}')._mlm_create_offer(
        env.ref(f'mlm_network.demo_customer_{customer}'), agent=env.ref(f'mlm_network.demo_agent_{agent}'),
        discount=discount, user_id=env.ref('mlm_network.demo_user_sales').id)
    keep(name, order)
    order.action_quotation_sent()
    sent(order, days)
    return order


def keep(name, record):
    """Give a record an external ID, as those of the demo data have."""
    record.env['ir.model.data']._update_xmlids(
        [{'xml_id': f'mlm_offers.demo_{name}', 'record': record, 'noupdate': True}])


def sent(order, days):
    order.mlm_sent_on = fields.Datetime.now() - timedelta(days=days)


def contract(order):
    """The contract of an offer that the customer opened and accepted, and the customer's part in it."""
    order.env['mlm.offer.view']._mlm_ping(order, device='phone')
    made = order._mlm_get_or_make_contract()
    keep(f'contract_{order.id}', made)
    return made, made._get_next_party()


def signature(env):
    """The drawn signature of the demo data."""
    return env.ref('mlm_offers.demo_offer_won').mlm_contract_ids.party_ids[:1].signature


def follow_up(env):
    """Reminders: one sent and one to come, stopped, kept from somebody who objected to SMS, and too late."""
    offer(env, 'offer_followed', 'claim', 'd1_1', 'd1', 4)._mlm_follow_up()
    offer(env, 'offer_stopped', 'claim', 'd1_2', 'd1', 2).action_mlm_stop_follow_up()
    objected = offer(env, 'offer_objected', 'claim', 'e1_2', 'e1', 4)
    objected._mlm_follow_up()
    sent(objected, 11)
    objected._mlm_follow_up()
    env.ref('mlm_offers.demo_offer_expired')._mlm_follow_up()


def answer(env):
    """A question, which stops the reminders."""
    order = env.ref('mlm_offers.demo_offer_answered')
    order._mlm_ask('Does the expert come to us, or do we have to bring the car? It cannot be driven.', order.partner_id)


def sign(env):
    """Accepted with an option, and signed on the page of the offer."""
    order = offer(env, 'offer_signed', 'claim', 'c3_1', 'c3', 3, discount=5)
    env['mlm.offer.view']._mlm_ping(order, device='phone')
    order.order_line.filtered(lambda line: line.product_id == env.ref('mlm_offers.demo_product_report')).product_uom_qty = 1
    order.write({
        'signed_by': order.partner_id.name, 'signed_on': fields.Datetime.now(), 'signature': signature(env)})
    order._validate_order()


def withdraw(env):
    """A contract signed, and withdrawn from within the legal days."""
    made, party = contract(offer(env, 'offer_withdrawn', 'mandate', 'c1_1', 'c1', 5))
    party._sign(party.partner_id.name, signature(env), *SIGNED_AT)
    made._withdraw('My own insurer takes care of it.')


def not_signed(env):
    """Contracts that end without a signature: declined, out of time, and taken back with a lost offer."""
    _made, party = contract(offer(env, 'offer_declined', 'mandate', 'c2_1', 'c2', 3))
    party._refuse('The fee is too high.')
    late, _party = contract(offer(env, 'offer_late', 'mandate', 'b3_1', 'b3', 20))
    late.deadline = fields.Date.today() - timedelta(days=1)
    late._expire()
    late.order_id._mlm_follow_up()
    lost = offer(env, 'offer_taken_back', 'mandate', 'c1_2', 'c1', 6)
    contract(lost)
    env['mlm.offer.lost'].create({
        'order_ids': lost.ids, 'reason_id': env.ref('mlm_offers.demo_lost_reason').id}).action_lose()


def agreements(env):
    """Cooperation agreements: a draft, and one that waits for the company's signature."""
    template = env.ref('mlm_offers.demo_contract_agent')
    draft, waiting = env['mlm.contract'].create([
        {'template_id': template.id, 'partner_id': env.ref(f'mlm_network.demo_agent_{code}').id} for code in ('f1', 'c3')])
    keep('agreement_draft', draft)
    keep('agreement_waiting', waiting)
    waiting.action_send()
    party = waiting._get_next_party()
    party._sign(party.partner_id.name, signature(env), *SIGNED_AT)
