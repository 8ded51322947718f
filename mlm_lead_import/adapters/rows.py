# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Rows of files: CSV, TSV and XLSX exports of Google and Meta, and lists of any kind.

What a column means is told by the caller (``{header: meaning}``), since vendors translate their headers.
"""
import hashlib
import re
from datetime import datetime

from .text import as_bool, as_id, as_text, as_time

# What a column can mean: fields of the lead, fields of the contact, or an answer.
IDS = ('form_id', 'campaign_id', 'adset_id', 'ad_id')
PLAIN = ('form_name', 'campaign_name', 'adset_name', 'ad_name', 'click_id', 'platform')
CONTACT = (
    'full_name', 'first_name', 'last_name', 'email', 'phone', 'company', 'function', 'street', 'street2', 'zip', 'city', 'state',
    'country', 'lang', 'website', 'agent_code', 'interest')
OTHER = ('external_id', 'submitted_at', 'is_organic', 'consent', 'skip')


def clean(meaning, value):
    """A cell as the vendors meant it: without the prefixes that protect ids and phones from spreadsheets."""
    if isinstance(value, datetime):
        return value.isoformat()
    text = as_text(value)
    if meaning == 'external_id':
        return re.sub(r'^l:(?=\d)', '', text)
    if meaning in IDS:
        # Where rights are missing, Meta writes a sentence into the column of an id.
        return as_id(text)
    if meaning == 'phone':
        return re.sub(r"^(p:|')", '', text)
    return text


def is_lossy(text, is_spreadsheet):
    """Whether a spreadsheet has eaten digits of an id."""
    return bool(re.fullmatch(r'\d([.,]\d+)?[eE]\+?\d+', text) or (is_spreadsheet and re.fullmatch(r'\d{16,}', text)))


def take_row(cells, meanings, is_spreadsheet=False):
    """Take one row apart.

    :param cells: ``[(header, value)]``
    :param meanings: ``{header: meaning}``; a header without one is an answer
    :return: external id, payload; ('', None) for an empty row
    """
    row, known = [], {}
    for header, value in cells:
        header, meaning = as_text(header, 300), meanings.get(as_text(header, 300).casefold(), '')
        text = clean(meaning, value)
        if text and meaning != 'skip':
            row.append([header, meaning, text])
            known.setdefault(meaning, text)
    if not row:
        return '', None
    external_id = known.get('external_id', '')
    if not external_id or is_lossy(external_id, is_spreadsheet):
        # Whoever asked the same form twice in one minute is one; a row without contact is itself.
        who = known.get('email', '').casefold() or re.sub(r'\D', '', known.get('phone', ''))
        moment = as_time(known.get('submitted_at'))
        key = [who, known.get('form_id') or known.get('form_name', ''), str(moment)[:16]] if who and moment else row
        external_id = 'row-' + hashlib.sha256(repr(key).encode('utf-8', 'replace')).hexdigest()
    return external_id, {'row': row, 'external_id': external_id}


def parse_row(make, payload):
    """:param make: the class of the normalised record"""
    from .base import Consent
    lead = make(as_text(payload.get('external_id')))
    for header, meaning, text in payload['row']:
        if meaning == 'submitted_at':
            lead.submitted_at = as_time(text)
        elif meaning in IDS or meaning in PLAIN:
            setattr(lead, meaning, text)
        elif meaning == 'is_organic':
            lead.is_organic = as_bool(text) or False
        elif meaning == 'consent':
            lead.consents.append(Consent(header, header, as_bool(text)))
        elif meaning != 'external_id':
            lead.put(meaning if meaning in CONTACT else None, [text], header)
    for consent in lead.consents:
        consent.given_at = lead.submitted_at
    texts = [*lead.contact.values(), *(value for answer in lead.answers for value in answer.values)]
    lead.is_test = any(text.startswith('<test lead') for text in texts)
    return lead
