# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo import http
from odoo.exceptions import AccessError, MissingError
from odoo.http import request

from odoo.addons.mlm_network.controllers.portal_customers import AgentCustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager


class LeadPortal(AgentCustomerPortal):

    def _mlm_inquiries_url(self, lead):
        """An inquiry that was handed out is worked on where it can be given back."""
        return f'/my/leads/{lead.id}' if lead.mlm_lead_source_id else super()._mlm_inquiries_url(lead)

    def _mlm_lead_domain(self):
        return [('mlm_agent_id', '=', request.env.user.partner_id.commercial_partner_id.id), ('mlm_lead_source_id', '!=', False)]

    def _mlm_may_see_leads(self):
        return request.env.user.partner_id.commercial_partner_id.mlm_agent_state in ('active', 'suspended')

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_lead_count' in counters:
            values['mlm_lead_count'] = (
                request.env['crm.lead'].search_count(self._mlm_lead_domain())
                if self._mlm_may_see_leads() and request.env['crm.lead'].has_access('read') else 0)
        return values

    def _mlm_get_lead(self, lead_id):
        """The agent's own lead; the record rules decide.

        :raises MissingError, AccessError: told as 404, which does not tell whether the lead exists
        """
        lead = request.env['crm.lead'].browse(lead_id).exists()
        if not lead or not lead.filtered_domain(self._mlm_lead_domain()):
            raise MissingError(request.env._('This inquiry is not, or no longer, yours.'))
        lead.check_access('read')
        return lead

    @http.route(['/my/leads', '/my/leads/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_leads(self, page=1, filterby='open', **kw):
        if not self._mlm_may_see_leads():
            return request.redirect('/my')
        Lead, domain = request.env['crm.lead'], self._mlm_lead_domain()
        labels = {
            'open': request.env._('To contact'),
            'contacted': request.env._('Contacted'),
            'all': request.env._('All'),
        }
        domains = {'open': [('mlm_contacted_at', '=', False)], 'contacted': [('mlm_contacted_at', '!=', False)], 'all': []}
        filters = {name: {'label': labels[name], 'domain': domains[name]} for name in labels}
        filterby = filterby if filterby in filters else 'open'
        domain += filters[filterby]['domain']
        pager = portal_pager(
            url='/my/leads', url_args={'filterby': filterby}, total=Lead.search_count(domain), page=page,
            step=self._items_per_page)
        values = self._prepare_portal_layout_values()
        values.update({
            'leads': Lead.search(domain, order='create_date desc', limit=self._items_per_page, offset=pager['offset']),
            'pager': pager, 'page_name': 'mlm_leads', 'default_url': '/my/leads', 'searchbar_filters': filters,
            'filterby': filterby,
        })
        return request.render('mlm_lead_import.portal_my_leads', values)

    @http.route('/my/leads/<int:lead_id>', type='http', auth='user', website=True, readonly=True)
    def portal_my_lead(self, lead_id, message='', **kw):
        try:
            lead = self._mlm_get_lead(lead_id)
        except (AccessError, MissingError):
            return request.redirect('/my/leads')
        # sudo: the lead is the agent's own (checked above); shown are its consents and the agent's own notes only
        notes = lead.sudo().message_ids.filtered(lambda m: m.author_id == request.env.user.partner_id
            and m.message_type == 'comment')
        values = self._prepare_portal_layout_values()
        values.update({
            'lead': lead, 'notes': notes, 'consents': lead.sudo().mlm_consent_ids, 'page_name': 'mlm_leads', 'message': message})
        return request.render('mlm_lead_import.portal_my_lead', values)

    @http.route('/my/leads/<int:lead_id>/<string:action>', type='http', auth='user', website=True, methods=['POST'])
    def portal_my_lead_act(self, lead_id, action, note='', **kw):
        """The agent reached the customer, writes a note, or gives the lead back."""
        try:
            lead = self._mlm_get_lead(lead_id)
        except (AccessError, MissingError):
            return request.redirect('/my/leads')
        own = lead.sudo()  # sudo: the agent's own lead (checked above), changed by nothing but these three acts
        if action == 'contacted':
            own._mlm_touch()
        elif action == 'note' and note.strip():
            own.message_post(
                body=note.strip()[:5000], author_id=request.env.user.partner_id.id, message_type='comment',
                subtype_xmlid='mail.mt_note')
            own._mlm_touch()
        elif action == 'decline':
            own.env['mlm.lead.distributor'].with_company(own.company_id)._pass_on(own, 'declined')
            return request.redirect('/my/leads')
        else:
            return request.redirect(f'/my/leads/{lead_id}')
        return request.redirect(f'/my/leads/{lead_id}?message={action}')
