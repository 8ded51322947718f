# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Ready-made plans, one file each in `data/gallery`: what it is for, the plan, and an example worked out by hand.

A file holds its texts in all languages of the addon, a plan file (`docs/plan-file.md`) and an example, which is a
scenario file without a plan. Adding a plan takes a file and nothing else.
"""
import json
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name('data') / 'gallery'


@cache
def _read():
    return {path.stem: path.read_text(encoding='utf-8') for path in sorted(FOLDER.glob('*.json'))}


def plans():
    """Return {key: content of the file}, in the order of the gallery."""
    found = {key: json.loads(text) for key, text in _read().items()}
    return dict(sorted(found.items(), key=lambda item: item[1]['sequence']))


def in_language(text, lang):
    """Pick a text of a file.

    :param dict text: by two-letter language
    :param str lang: code of Odoo's language, such as ``de_DE``
    """
    return text.get((lang or 'en')[:2]) or text['en']


def scenario(content):
    """Return the worked example of a gallery plan as a scenario file."""
    example = {key: value for key, value in content['example'].items() if key != 'note'}
    return {**example, 'plan': content['file']['plan']}
