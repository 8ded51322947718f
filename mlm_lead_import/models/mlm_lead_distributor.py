# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from odoo import api, fields, models


class MlmLeadDistributor(models.AbstractModel):
    """To whom: the agent of the link, the customer's agent, the rules in order, else the pool."""
    _name = 'mlm.lead.distributor'
    _description = 'Handing Out of Leads'

    @api.model
    def _distribute(self, lead, code='', exclude=None):
        """Give a lead to an agent, or to nobody: then it waits in the pool.

        :param code: of the agent whose link it came by
        :param exclude: agents who had it already
        :return: the agent, empty for the pool
        """
        exclude = exclude or self.env['res.partner']
        agent, reason, rule = self._find_by_code(lead, code), 'code', None
        if not agent or agent in exclude:
            agent, reason = lead.partner_id and lead.mlm_agent_id, 'customer'
            if not agent or agent.mlm_agent_state != 'active' or agent in exclude:
                agent, rule = self._find_by_rules(lead, exclude)
                reason = 'rule'
        self._assign(lead, agent, reason, rule)
        return agent

    @api.model
    def _find_by_code(self, lead, code):
        agent = code and self.env['res.partner'].search([
            ('mlm_agent_code', '=', code), ('mlm_agent_state', '=', 'active'),
            ('company_id', 'in', [False, *lead.company_id.ids])], limit=1)
        return agent or self.env['res.partner']

    @api.model
    def _find_by_rules(self, lead, exclude):
        """:return: agent and rule, both empty if no rule has somebody free"""
        for rule in self.env['mlm.lead.rule'].search([('company_id', 'in', [False, *lead.company_id.ids])]):
            if rule._fits(lead):
                agent = self._take_turns(rule, exclude)
                if agent:
                    return agent, rule
        return self.env['res.partner'], None

    @api.model
    def _take_turns(self, rule, exclude):
        """The free agent of a rule who got the least for the weight so far; in doubt the one who waits longest."""
        members = rule.member_ids.filtered(
            lambda m: not m.paused and m.agent_id.mlm_agent_state == 'active' and m.agent_id.active and m.agent_id not in exclude)
        agents = rule._ranked(members.agent_id)
        members = members.filtered(lambda m: m.agent_id in agents)
        if not agents:
            return agents
        Assignment = self.env['mlm.lead.assignment']
        today = dict(Assignment._read_group(
            [('agent_id', 'in', agents.ids), ('date', '>=', self._day_start())], ['agent_id'], ['__count']))
        counts, last = Counter(), {}
        for agent, count, date in Assignment._read_group(
            [('agent_id', 'in', agents.ids), ('rule_id', '=', rule.id),
             ('date', '>=', fields.Datetime.now() - timedelta(30))], ['agent_id'], ['__count', 'date:max']):
            counts[agent], last[agent] = count, date
        rates = self._rates(agents) if rule.by_results else {}

        def turn(member):
            agent = member.agent_id
            return ((counts[agent] + 1) / (member.weight * rates.get(agent, 1)), last.get(agent, datetime.min),
                member.sequence, member.id)

        free = members.filtered(lambda m: not m.capacity or today.get(m.agent_id, 0) < m.capacity)
        return min(free, key=turn).agent_id if free else free.agent_id

    @api.model
    def _rates(self, agents):
        """Share of leads that agents contacted in time in 90 days; (contacted + 1) / (ended + 2), so that nobody starts at 0
        or 1 (rule of succession)."""
        groups = self.env['mlm.lead.assignment']._read_group(
            [('agent_id', 'in', agents.ids), ('result', 'in', ('contacted', 'expired')),
             ('date', '>=', fields.Datetime.now() - timedelta(90))], ['agent_id', 'result'], ['__count'])
        counts = {(agent, result): count for agent, result, count in groups}
        return {agent: (counts.get((agent, 'contacted'), 0) + 1) / (
            counts.get((agent, 'contacted'), 0) + counts.get((agent, 'expired'), 0) + 2) for agent in agents}

    @api.model
    def _day_start(self):
        """Midnight where the company is, as naive UTC."""
        zone = ZoneInfo(self.env.company.partner_id.tz or 'UTC')
        midnight = datetime.combine(datetime.now(zone).date(), time(), zone)
        return midnight.astimezone(UTC).replace(tzinfo=None)

    # === HANDING OVER === #

    @api.model
    def _assign(self, lead, agent, reason, rule=None):
        """Hand a lead over, or put it into the pool if there is no agent."""
        lead._mlm_end_assignment('moved')
        source = lead.mlm_lead_source_id
        user = agent.user_ids.filtered(
            lambda u: u.has_group('sales_team.group_sale_salesman') and source.company_id in u.company_ids)[:1]
        deadline = False
        # What an agent brought oneself is not taken away.
        if agent and reason == 'rule' and source.deadline_hours:
            deadline = fields.Datetime.now() + timedelta(hours=source.deadline_hours)
        lead.with_context(mlm_distributing=True).write({
            'mlm_agent_id': agent.id, 'user_id': user.id, 'mlm_deadline': deadline, 'mlm_contacted_at': False})
        if agent:
            assignment = self.env['mlm.lead.assignment'].create({
                'lead_id': lead.id, 'agent_id': agent.id, 'reason': reason, 'rule_id': rule and rule.id, 'deadline': deadline})
            assignment.notice = self._tell(lead, agent, user, source, deadline)

    @api.model
    def _tell(self, lead, agent, user, source, deadline):
        """Mail, SMS if wanted, and an activity with the deadline, which the team sees even where the agent has but a portal
        login.

        :return: how the agent was told
        """
        told = []
        if agent.email_normalized:
            self.env.ref('mlm_lead_import.mail_template_assigned').send_mail(lead.id)
            told.append(self.env._('E-mail to %s', agent.email_normalized))
        if source.notify_sms and agent.phone_sanitized and not agent.phone_blacklisted:
            lead._message_sms(self.env._('A new inquiry waits for you: %s', lead.get_base_url() + '/my/leads'),
                partner_ids=agent.ids)
            told.append(self.env._('SMS to %s', agent.phone_sanitized))
        doer = user or agent.user_ids.filtered(lambda u: source.company_id in u.company_ids)[:1]
        if doer:
            # without a mail of its own: the one above says the same
            lead.with_context(mail_activity_quick_update=True).activity_schedule(
                'mlm_lead_import.mail_activity_contact', user_id=doer.id,
                date_deadline=(deadline or fields.Datetime.now()).date())
            told.append(self.env._('Activity'))
        return ', '.join(told) or self.env._('In the portal only')

    @api.model
    def _cron_deadline(self):
        """Take leads from agents who did not react in time; to the next one, or back to the pool."""
        cron = self.env['ir.cron']
        domain = [('mlm_deadline', '<', fields.Datetime.now()), ('mlm_contacted_at', '=', False), ('mlm_agent_id', '!=', False),
                  ('won_status', '=', 'pending')]
        while leads := self.env['crm.lead'].search(domain, limit=100, order='mlm_deadline, id'):
            for lead in leads:
                self.with_company(lead.company_id)._pass_on(lead)
                # commit: each handing over stands for itself
                if not cron._commit_progress(1):
                    return

    @api.model
    def _pass_on(self, lead, result='expired'):
        """:param result: of the agent who had it"""
        lead._mlm_end_assignment(result)
        had = lead.mlm_assignment_ids.agent_id
        agent, rule = self.env['res.partner'], None
        if lead.mlm_lead_source_id.on_deadline == 'next':
            agent, rule = self._find_by_rules(lead, exclude=had)
        self._assign(lead, agent, 'rule', rule)
