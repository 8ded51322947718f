# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Texts and times of strangers, made safe to store."""
import json
import re
from datetime import UTC, date, datetime

BAD = re.compile('[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufeff\ufffe\uffff]')


def as_text(value, limit=20000):
    """Any JSON value as a text that PostgreSQL takes: no NUL, no lone surrogate, no blank around it."""
    if value is None or value is False:
        return ''
    if value is True:
        return 'true'
    if isinstance(value, (dict, list)):
        value = json.dumps(value, ensure_ascii=False, default=str)
    return BAD.sub('', str(value)[:limit]).strip()


def as_list(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def as_dict(value):
    return value if isinstance(value, dict) else {}


def as_bool(value):
    """True for what the vendors write as yes, None for nothing at all, else False."""
    if value is None or value == '':
        return None
    if isinstance(value, bool):
        return value
    return as_text(value).casefold() in ('1', 'true', 'yes', 'y', 'on', 'tak', 'ja', 'checked')


def as_time(value):
    """Aware datetime of an ISO-like text; a time without zone is taken as UTC. None if it is none.

    Takes ``2026-11-20T13:05:33+0000``, ``2026-11-20 14:05:33+01:00`` and ``...Z``.
    """
    if isinstance(value, date) and not isinstance(value, datetime):
        value = datetime(value.year, value.month, value.day)
    if not isinstance(value, datetime):
        try:
            value = datetime.fromisoformat(as_text(value, 64))
        except ValueError:
            return None
    try:
        value = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
    except (OverflowError, ValueError):
        return None
    return value if 1990 <= value.year <= 2200 else None


def as_id(value):
    """An id of digits as a text; prefixes such as ``c:`` are cut, 0 and anything else is none."""
    text = re.sub(r'^[a-z]{1,3}:', '', as_text(value, 200))
    return text if re.fullmatch(r'[1-9][0-9]{0,29}', text, re.ASCII) else ''


def mask(text, secrets):
    """``text`` without the secrets, and without what looks like a token in an address."""
    text = as_text(text)
    for secret in secrets:
        if secret and len(secret) >= 4:
            text = text.replace(secret, '***')
    return re.sub(r'(?i)(access_token|client_secret|refresh_token|google_key|key)=[^&\s]+', r'\1=***', text)
