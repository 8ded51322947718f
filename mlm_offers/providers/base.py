# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""The interface of a signature provider. Pure Python: no Odoo, no database, no clock beyond tokens."""

from dataclasses import dataclass, field


class SignError(Exception):
    """Something went wrong at the provider; the text is for the user."""


class SignTemporary(SignError):
    """Nothing happened; trying again later is safe. `retry_after` is in seconds, 0 if unknown."""

    def __init__(self, message, retry_after=0):
        super().__init__(message)
        self.retry_after = retry_after


class SignLost(SignError):
    """The request went out but its answer did not come: it may have been done. Look before repeating."""


class SignRefused(SignError):
    """The provider will not do it, however often it is asked. A person must decide."""


@dataclass(frozen=True)
class Setting:
    key: str
    label: str
    default: str = ''
    help: str = ''


@dataclass(frozen=True)
class Signer:
    """`level` is basic, sms or qualified; `phone` is in international form, needed for sms."""

    first_name: str
    last_name: str
    email: str
    phone: str = ''
    level: str = 'basic'
    order: int = 1


@dataclass(frozen=True)
class Envelope:
    """What is to be signed. `document` is the PDF; `language` has two letters."""

    title: str
    filename: str
    document: bytes
    signers: tuple
    message: str = ''
    language: str = 'en'


@dataclass(frozen=True)
class Status:
    """`state` is draft, pending, completed, rejected, withdrawn, expired, failed or unknown.

    `signers` maps the lower-case e-mail of a signer to (state, reason): pending, signed or rejected.
    """

    state: str
    raw: str = ''
    signers: dict = field(default_factory=dict)


class SignProvider:
    """Base of all providers.

    Sending is a walk in steps. `advance` does one remote step and answers the progress after it; the caller stores the
    progress, and the fact that a step is about to be tried, before each call. After a lost answer the caller calls again
    with `repeated` true, and the provider looks at what is there before it does anything.
    """

    name = None
    label = ''
    embedded = False  # signed on our own page
    levels = frozenset()
    settings = ()
    can_remind = False
    Error = SignError

    def __init__(self, config, tokens=None, save_tokens=None):
        """
        :param dict config: setting key: text
        :param dict tokens: what save_tokens was last given
        :param save_tokens: called with a dict that must be kept before anything else happens
        """
        self.config = {setting.key: setting.default for setting in self.settings} | dict(config)
        self.tokens = dict(tokens or {})
        self.save_tokens = save_tokens or (lambda tokens: None)

    def check(self):
        """Log in, to see whether the settings are right.

        :raise SignError: if they are not
        """
        raise NotImplementedError

    def advance(self, envelope, progress, repeated):
        """Do the next step of sending.

        :param Envelope envelope: what to sign
        :param dict progress: {} at first, then what this method returned
        :param bool repeated: whether this step was tried before and its answer was lost
        :return: the new progress; its `step` is 'done' when the envelope is on its way, `ref` names it at the provider
        :rtype: dict
        """
        raise NotImplementedError

    def fetch(self, ref):
        """How an envelope stands now.

        :rtype: Status
        """
        raise NotImplementedError

    def fetch_files(self, ref):
        """What a completed envelope left.

        :return: (signed PDF, certificate or None, name of the certificate or None)
        :raise SignTemporary: if the files are not there yet
        """
        raise NotImplementedError

    def withdraw(self, ref):
        """Take an envelope back before it is completed."""
        raise NotImplementedError

    def remind(self, ref, emails):
        """Have the provider remind signers. Asked for only where `can_remind`.

        :param list emails: the lower-case addresses of who has not signed yet
        :raise SignLost: if it is not known whether they were reminded; do not repeat it
        """
        raise NotImplementedError

    def login_url(self, redirect, state):
        """Where an administrator logs in at the provider, if that is how this account logs in.

        :param str redirect: where the provider leads back to
        :param str state: comes back unchanged
        :rtype: str or None
        """
        return None

    def finish_login(self, code, redirect):
        """Turn the code that the provider led back with into tokens, and save them.

        :raise SignError: if the provider refuses it
        """
        raise NotImplementedError

    def verify_callback(self, raw, headers):
        """Whether a callback is genuine.

        :param bytes raw: the body as received
        :param headers: case-insensitive mapping
        :rtype: bool
        """
        return False

    def parse_callback(self, raw):
        """The envelopes a callback speaks of. What happened to them is read afresh, never believed.

        :rtype: list[str]
        """
        return []

    def register_callback(self, url):
        """Ask the provider to call a URL on changes, unless it does already."""
        raise NotImplementedError
