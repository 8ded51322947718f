# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What becomes of offers and contracts: drafts, sent, read, followed up, stopped, asked about, signed here and at Autenti,
being sent, to check, withdrawn from, declined, expired, lost, renewed.

Every step is what the customer does on the page, the agent in the portal, staff on the screen, or a scheduled action by
itself; only time is moved back. Autenti and the SMS gateway are played on this machine. Doing it again changes nothing. Run
by ``setup/demo`` after the month; the tests import it.
"""
import base64
from datetime import timedelta
from pathlib import Path

import gateways

from odoo import fields
from odoo.tools import SQL

SIGNATURE = base64.b64encode((Path(__file__).parent / 'demo_signature.png').read_bytes())
SIGNED_AT = ('192.0.2.18', 'Demonstration')


def run_job(env, xmlid):
    """Run a scheduled action now, in its own transaction as ever."""
    env.cr.commit()
    env.ref(xmlid).method_direct_trigger()
    env.cr.commit()


def show(env, job=run_job):
    """Make the offers and contracts of the demo.

    :param job: called with the environment and the external id of a scheduled action
    """
    if env.ref('mlm_offers.demo_offer_draft', raise_if_not_found=False):
        return
    env = env(context=env.context | {'mail_notify_force_send': False})  # nothing leaves while this runs
    with gateways.smsapi(env):
        waiting(env)
        follow_up(env)
        answer(env)
        sign(env)
        withdraw(env)
        not_signed(env)
        renew(env)
        agreements(env)
        write(env)
        job(env, 'sms.ir_cron_sms_scheduler_action')
    gateways.sign_at_autenti(env, offer, keep, job)


# --- what people do ---

def offer(env, name, template, customer, days=0, discount=0):
    """An offer to a customer of the demo, sent so many days ago.

    :return: `sale.order` record
    """
    partner = env.ref(f'mlm_network.demo_customer_{customer}')
    order = env.ref(f'mlm_offers.demo_template_{template}')._mlm_create_offer(
        partner, agent=partner.mlm_sponsor_id, discount=discount, user_id=env.ref('mlm_network.demo_user_sales').id)
    keep(f'offer_{name}', order)
    order.action_quotation_sent()
    age(order, days)
    return order


def keep(name, record):
    """Give a record an external id, by which tests find it."""
    record.env['ir.model.data']._update_xmlids(
        [{'xml_id': f'mlm_offers.demo_{name}', 'record': record, 'noupdate': True}])


def age(order, days):
    """Let all that happened to an offer have happened so many days earlier."""
    past = timedelta(days=days)
    order.env.flush_all()
    for record in (order, *order.mlm_view_ids, *order.mlm_reminder_ids):
        names = {'sale.order': ('date_order', 'validity_date', 'mlm_sent_on', 'mlm_opened_on', 'mlm_answered_on', 'mlm_ends_on'),
                 'mlm.offer.view': ('opened_on', 'last_on'), 'mlm.offer.reminder': ('date',)}[record._name]
        record.write({name: record[name] - past for name in names if record[name]})
    order.env.flush_all()
    order.env.cr.execute(SQL('UPDATE sale_order SET create_date = create_date - %s WHERE id = %s', past, order.id))
    order.invalidate_recordset()


def read(order, seconds, device='phone'):
    """The customer has the page open for so long; it says so every few seconds."""
    views = order.env['mlm.offer.view']
    key = views._mlm_ping(order, device=device)
    view = order.mlm_view_ids.filtered(lambda view: view.key == key)
    for passed in range(0, seconds, 15):
        step = timedelta(seconds=min(15, seconds - passed))
        view.write({'opened_on': view.opened_on - step, 'last_on': view.last_on - step})
        views._mlm_ping(order, key=key)


def accept(order):
    """The customer accepts on the page and comes to the contract.

    :return: the party whose turn it is
    """
    made = order._mlm_get_or_make_contract()
    keep(f'contract_{order.id}', made)
    return made._get_next_party()


def put_signature(party):
    party._sign(party.partner_id.name, SIGNATURE, *SIGNED_AT)


# --- what becomes of offers ---

def waiting(env):
    """A draft, and offers that are sent, read, and out as a contract."""
    draft = env.ref('mlm_offers.demo_template_claim')._mlm_create_offer(
        env.ref('mlm_network.demo_customer_e1_1'), agent=env.ref('mlm_network.demo_agent_e1'),
        user_id=env.ref('mlm_network.demo_user_sales').id)
    keep('offer_draft', draft)
    offer(env, 'sent', 'claim', 'e1_2', 1, discount=5)
    opened = offer(env, 'opened', 'claim', 'e1_1', 1)
    read(opened, 140)
    age(opened, 1)
    read(opened, 35, 'desktop')
    out = offer(env, 'contract', 'mandate', 'e1_2', 1)
    read(out, 310)
    accept(out)


def follow_up(env):
    """Reminders: one sent and one to come, both sent, stopped, kept from somebody who objected to SMS, and too late."""
    offer(env, 'followed', 'claim', 'd1_1', 4)._mlm_follow_up()
    for name, customer in (('reminded', 'e2_2'), ('objected', 'e1_2')):
        order = offer(env, name, 'claim', customer, 4)
        order._mlm_follow_up()
        age(order, 7)
        order._mlm_follow_up()
    offer(env, 'stopped', 'claim', 'd1_2', 2).action_mlm_stop_follow_up()
    offer(env, 'expired', 'claim', 'e2_1', 45)._mlm_follow_up()


def answer(env):
    """A question, which stops the reminders."""
    order = offer(env, 'answered', 'claim', 'b2_1', 1)
    read(order, 260, 'desktop')
    age(order, 2)
    order._mlm_ask('Does the expert come to us, or do we have to bring the car? It cannot be driven.', order.partner_id)
    age(order, 1)


def sign(env):
    """Accepted with an option and signed on the page of the offer; and won by a contract."""
    order = offer(env, 'signed', 'claim', 'c3_1', 3, discount=5)
    read(order, 95)
    order.order_line.filtered(lambda line: line.product_id == env.ref('mlm_offers.demo_product_report')).product_uom_qty = 1
    order.write({'signed_by': order.partner_id.name, 'signed_on': fields.Datetime.now(), 'signature': SIGNATURE})
    order._validate_order()
    won = offer(env, 'won', 'mandate', 'b2_1', 2)
    read(won, 180, 'desktop')
    put_signature(accept(won))


def withdraw(env):
    """A contract signed, and withdrawn from within the legal days."""
    order = offer(env, 'withdrawn', 'mandate', 'c1_1', 5)
    read(order, 60)
    party = accept(order)
    put_signature(party)
    party.contract_id._withdraw('My own insurer takes care of it.')


def not_signed(env):
    """Offers and contracts that end without a signature: lost, declined, out of time, and taken back with a lost offer."""
    reason = env.ref('mlm_offers.demo_lost_reason')
    lost = offer(env, 'lost', 'claim', 'c3_1', 6, discount=10)
    read(lost, 25)
    declined = offer(env, 'declined', 'mandate', 'c2_1', 3)
    read(declined, 210)
    accept(declined)._refuse('The fee is too high.')
    late = offer(env, 'late', 'mandate', 'b3_1', 20)
    read(late, 45)
    contract = accept(late).contract_id
    contract.deadline = fields.Date.today() - timedelta(days=1)
    contract._expire()
    late._mlm_follow_up()
    taken_back = offer(env, 'taken_back', 'mandate', 'c1_2', 6)
    accept(taken_back)
    for order in (lost, taken_back):
        env['mlm.offer.lost'].create({'order_ids': order.ids, 'reason_id': reason.id}).action_lose()


def renew(env):
    """Sold almost a year ago for the family, and offered again."""
    order = offer(env, 'protection', 'protection', 'e2_1')
    line = order.order_line
    line._mlm_choose_variant(line._mlm_get_variants()[-1])
    order.action_confirm()
    age(order, (order.mlm_ends_on - fields.Date.today()).days - 20)
    order._mlm_renew()


def agreements(env):
    """Cooperation agreements: a draft, one to sign, and one that waits for the company's signature."""
    template = env.ref('mlm_offers.demo_contract_agent')
    draft, to_sign, half = env['mlm.contract'].create([
        {'template_id': template.id, 'partner_id': env.ref(f'mlm_network.demo_agent_{code}').id} for code in ('f1', 'g1', 'c3')])
    for name, agreement in (('draft', draft), ('to_sign', to_sign), ('waiting', half)):
        keep(f'agreement_{name}', agreement)
    (to_sign + half).action_send()
    put_signature(half._get_next_party())


def write(env):
    """SMS: an agent to an own customer, and staff to a list, which leaves out who has not agreed."""
    agent, customer = env.ref('mlm_network.demo_agent_e1'), env.ref('mlm_network.demo_customer_e1_1')
    env['mlm.agent.message']._mlm_write(
        agent, customer, customer, 'sms', 'Good news: the insurer has answered. May I call you this evening?', env.company)
    customers = customer + env.ref('mlm_network.demo_customer_e1_2') + env.ref('mlm_network.demo_customer_e2_2')
    composer = env['sms.composer'].with_user(env.ref('mlm_network.demo_user_sales')).with_context(
        active_model='res.partner', active_ids=customers.ids)
    composer.create({
        'composition_mode': 'mass', 'res_model': 'res.partner', 'res_ids': repr(customers.ids), 'mass_keep_log': True,
        'body': 'Claim Protection is 10 % cheaper until the end of the month. Your Alster Claims',
    })._action_send_sms()
