# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The catalogues of an addon, for the tests of each."""
import io
import re

import polib

from odoo.tools import file_path
from odoo.tools.translate import trans_export

LANGUAGES = ('de', 'pl')


class CatalogueCase:
    """Everything that people read is in the catalogues, and translated."""

    def test_the_template_is_what_the_addon_says(self):
        """Nobody forgot to export: what is not in the template is translated by nobody."""
        if self.env['ir.module.module'].search_count([('name', '=', self.test_module), ('demo', '=', True)]):
            self.skipTest('demo data is not in every template')
        exported = io.BytesIO()
        trans_export(False, [self.test_module], exported, 'po', self.env)
        said = {entry.msgid for entry in polib.pofile(exported.getvalue().decode())}
        self.assertFalse(said - {entry.msgid for entry in self._catalogue(f'{self.test_module}.pot')})

    def test_complete(self):
        template = {entry.msgid for entry in self._catalogue(f'{self.test_module}.pot')}
        for language in LANGUAGES:
            entries = self._catalogue(f'{language}.po')
            with self.subTest(language):
                self.assertEqual({entry.msgid for entry in entries} ^ template, set())
                self.assertFalse([entry.msgid for entry in entries if not entry.msgstr or entry.fuzzy])
                for entry in entries:
                    self.assertEqual(*(set(re.findall(r'%\(\w+\)s|%s', text)) for text in (entry.msgid, entry.msgstr)))

    def _catalogue(self, name):
        return polib.pofile(file_path(f'{self.test_module}/i18n/{name}'))
