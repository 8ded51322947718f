# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

from odoo.tests import TransactionCase, tagged

from odoo.addons.mlm_network.tests.catalogues import CatalogueCase


@tagged('post_install', '-at_install')
class TestTranslations(CatalogueCase, TransactionCase):
    pass
