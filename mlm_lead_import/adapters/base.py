# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a vendor's file must offer. Pure Python: no database, no Odoo, testable alone."""
import hashlib
import hmac
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime

from . import rows
from .text import as_text


def _(text):
    """Mark a text for translation; the caller translates it by :attr:`AdapterError.template`."""
    return text


class AdapterError(Exception):
    """An error that is told to a person.

    :param template: English sentence with ``%(name)s`` for the values
    """
    def __init__(self, template, **values):
        super().__init__(template % values if values else template)
        self.template, self.values = template, values


class Refused(AdapterError):
    """A call that is not answered with 200: nothing of it is stored."""

    def __init__(self, status, template, **values):
        super().__init__(template, **values)
        self.status = status


class Temporary(AdapterError):
    """Try again later, after ``retry_after`` seconds if the vendor says so."""

    def __init__(self, template, retry_after=None, **values):
        super().__init__(template, **values)
        self.retry_after = retry_after


class AccessLost(AdapterError):
    """The vendor no longer lets us in: stop asking, tell the owner, keep what waits."""


class Unreadable(AdapterError):
    """This one lead cannot be read or understood: a person must look."""


@dataclass(frozen=True)
class Param:
    """A setting of the vendor, entered by an administrator."""
    name: str
    label: str
    help: str = ''
    default: str = ''
    secret: bool = False
    required: bool = False


@dataclass(frozen=True)
class Request:
    """What came in by HTTP. Names of headers are lower case, the body is the raw bytes."""
    headers: dict
    query: dict
    body: bytes


@dataclass(frozen=True)
class Reply:
    status: int = 200
    body: str = '{}'
    content_type: str = 'application/json'


@dataclass(frozen=True)
class Inbound:
    """A lead as it arrived, not understood yet.

    :ivar external_id: the vendor's own id, which makes the lead unique within its source
    :ivar payload: what ``json`` can store
    :ivar deleted: the vendor asks to forget the lead
    :ivar submitted_at: aware datetime or None
    """
    external_id: str
    payload: dict
    is_test: bool = False
    deleted: bool = False
    form_id: str = ''
    submitted_at: datetime | None = None


@dataclass
class Answer:
    key: str
    label: str
    values: list


@dataclass
class Consent:
    """:ivar accepted: True, False, or None where nobody said anything"""
    key: str
    text: str = ''
    accepted: bool | None = None
    given_at: datetime | None = None
    channel: str = ''


@dataclass
class Lead:
    """The normalised record that every adapter returns; ids are texts, times are aware.

    :ivar contact: of full_name, first_name, last_name, email, phone, company, function, street, street2, zip, city,
        state, country, lang, website, agent_code, interest; each a text
    :ivar warnings: what a person should know, e.g. that the campaign could not be read
    """
    external_id: str
    submitted_at: datetime | None = None
    is_test: bool = False
    is_organic: bool = False
    form_id: str = ''
    form_name: str = ''
    campaign_id: str = ''
    campaign_name: str = ''
    adset_id: str = ''
    adset_name: str = ''
    ad_id: str = ''
    ad_name: str = ''
    click_id: str = ''
    platform: str = ''
    utm: dict = field(default_factory=dict)
    contact: dict = field(default_factory=dict)
    answers: list = field(default_factory=list)
    consents: list = field(default_factory=list)
    warnings: list = field(default_factory=list)

    def put(self, name, values, key, label=''):
        """Set a field of the contact; what it already has stays, and the new one becomes an answer."""
        values = [value for value in map(as_text, values) if value]
        if name and values and name not in self.contact:
            self.contact[name] = ' '.join(values)
        elif values:
            self.answers.append(Answer(key, label or key, values))


@dataclass(frozen=True)
class Form:
    """Where polling of one form stands. ``watermark``: aware time of the newest lead stored so far."""
    external_id: str
    name: str = ''
    watermark: datetime | None = None


@dataclass(frozen=True)
class Page:
    """A bundle of polled leads. ``last``: the form is read to its end, so its watermark may move.

    :ivar error: an :class:`AdapterError` that ended this form alone
    """
    form: Form
    inbounds: list
    last: bool = False
    error: AdapterError | None = None
    count: int | None = None


@dataclass(frozen=True)
class Finding:
    """A sentence of the self-test."""
    ok: bool
    template: str
    values: dict = field(default_factory=dict)


class Adapter:
    """One vendor. Every part is optional: a vendor may push, be polled, or send files.

    :param config: ``{param name: text}``, missing ones filled from the defaults
    :param http: a :class:`~.http.Http`, or None where nothing is asked of the vendor
    """
    code = ''
    label = ''
    sequence = 50
    params = ()
    has_webhook = False
    can_poll = False
    experimental = False
    utm_medium = ''
    utm_source = ''

    def __init__(self, config, http=None):
        self.config = {param.name: config.get(param.name) or param.default for param in self.params}
        self.http = http

    # --- being called ---

    def handshake(self, request):
        """Answer a GET by which the vendor proves that the address is ours.

        :rtype: Reply
        """
        raise Refused(405, _('This address takes leads by POST only.'))

    def receive(self, request):
        """Check who calls and take the call apart.

        :return: list of :class:`Inbound`
        :raises Refused: whoever it is, nothing is stored
        """
        raise Refused(404, _('This source takes no calls.'))

    def acknowledge(self):
        """What the vendor wants to hear when the leads are stored."""
        return Reply()

    # --- asking ---

    def needs_fetch(self, payload):
        """Whether the answers are still with the vendor."""
        return False

    def fetch(self, payload):
        """:return: the payload completed by the vendor's answers"""
        return payload

    def poll(self, forms, overlap):
        """Read what was not pushed.

        :param forms: ``{external id: Form}`` as far as known
        :param overlap: timedelta that is read again before the watermark
        :return: iterator of :class:`Page`
        """
        return iter(())

    def check(self):
        """:return: iterator of :class:`Finding` about credentials and permissions, asking the vendor"""
        return iter(())

    # --- understanding ---

    def parse(self, payload):
        """:rtype: Lead
        :raises Unreadable: with the reason, for a person"""
        if 'row' in payload:
            return rows.parse_row(Lead, payload)
        return self.parse_payload(payload)

    def parse_payload(self, payload):
        raise Unreadable(_('This source has no reader for calls; import its files instead.'))


def decode(body):
    """JSON of a body, or a refusal: malformed is 400, never an error of ours.

    :rtype: dict
    """
    try:
        data = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise Refused(400, _('The body is not JSON.')) from None
    if not isinstance(data, dict):
        raise Refused(400, _('The body is not a JSON object.'))
    return data


def _no_constant(name):
    raise ValueError(name)


def same(left, right):
    """Compare secrets in constant time; an empty secret equals nothing."""
    left, right = (as_text(value).encode('utf-8', 'replace') for value in (left, right))
    return bool(left) and bool(right) and hmac.compare_digest(left, right)


def sign(secret, message):
    """Hex HMAC-SHA256 of bytes."""
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def from_epoch(value):
    """Aware datetime of epoch seconds or milliseconds, None for what is neither."""
    try:
        number = float(value)
        return datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC) if number > 0 else None
    except (TypeError, ValueError, OverflowError, OSError):
        return None
