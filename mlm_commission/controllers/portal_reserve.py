# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
from odoo import _, http
from odoo.fields import Domain
from odoo.http import request

from odoo.addons.portal.controllers.portal import CustomerPortal
from odoo.addons.portal.controllers.portal import pager as portal_pager


class ReservePortal(CustomerPortal):
    """What is held back of an agent's commissions, contract by contract, and until when."""

    def _prepare_home_portal_values(self, counters):
        values = super()._prepare_home_portal_values(counters)
        if 'mlm_reserve_count' in counters:
            contracts = request.env['mlm.reserve.contract']
            values['mlm_reserve_count'] = contracts.search_count(self._mlm_reserve_domain() & Domain('is_open', '=', True)) \
                if contracts.has_access('read') else 0
        return values

    def _mlm_reserve_domain(self):
        """The user's own: staff who look at the portal see theirs too, not everybody's."""
        return Domain('agent_id', '=', request.env.user.commercial_partner_id.id)

    @http.route(['/my/reserve', '/my/reserve/page/<int:page>'], type='http', auth='user', website=True, readonly=True)
    def portal_my_reserve(self, page=1, filterby='open', **kwargs):
        contracts = request.env['mlm.reserve.contract']
        if not contracts.has_access('read'):
            return request.redirect('/my')
        own = self._mlm_reserve_domain()
        filters = {
            'open': {'label': _('Still held'), 'domain': own & Domain('is_open', '=', True)},
            'all': {'label': _('All'), 'domain': own},
        }
        filterby = filterby if filterby in filters else 'open'
        domain = filters[filterby]['domain']
        pager = portal_pager(
            url='/my/reserve', total=contracts.search_count(domain), page=page, step=self._items_per_page,
            url_args={'filterby': filterby})
        return request.render('mlm_commission.portal_my_reserve', {
            **self._prepare_portal_layout_values(),
            'page_name': 'mlm_reserve',
            'contracts': contracts.search(domain, limit=self._items_per_page, offset=pager['offset']),
            'totals': contracts._read_group(filters['open']['domain'], ['currency_id'], ['balance:sum', '__count']),
            'pager': pager,
            'default_url': '/my/reserve',
            'searchbar_filters': filters,
            'filterby': filterby,
        })
