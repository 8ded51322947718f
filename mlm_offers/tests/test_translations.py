# Part of the MLM suite. See LICENSE file for full copyright and licensing details.

import re

import polib

from odoo.tests import BaseCase, tagged
from odoo.tools import file_path


@tagged('post_install', '-at_install')
class TestTranslations(BaseCase):

    def test_complete(self):
        template = {entry.msgid for entry in polib.pofile(file_path('mlm_offers/i18n/mlm_offers.pot'))}
        for language in ('de', 'pl'):
            entries = polib.pofile(file_path('mlm_offers/i18n/%s.po' % language))
            with self.subTest(language):
                self.assertEqual({entry.msgid for entry in entries}, template)
                self.assertFalse([entry.msgid for entry in entries if not entry.msgstr or entry.fuzzy])
                for entry in entries:
                    self.assertEqual(*(set(re.findall(r'%\(\w+\)s|%s', text)) for text in (entry.msgid, entry.msgstr)))
