# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Asking a vendor: with time limits, without redirects, without secrets in any message."""
import json
import time

import requests
import urllib3

from .text import mask


class Http:
    """
    :param secrets: texts that must not appear in any error
    :param timeout: seconds to connect, or without a byte
    :param total: seconds for the whole answer
    :param limit: bytes of the answer
    """
    def __init__(self, secrets=(), timeout=15, total=60, limit=20 * 1024 * 1024):
        self.secrets, self.timeout, self.total, self.limit = list(secrets), timeout, total, limit
        self.session = requests.Session()
        self.session.trust_env = False

    def __call__(self, method, url, **kwargs):
        """:return: status, headers, and the JSON of the answer (None if it is none)
        :raises Temporary: if there is no answer, or only half of one
        """
        from .base import Temporary, _
        started = time.monotonic()
        try:
            with self.session.request(
                method, url, timeout=self.timeout, allow_redirects=False, stream=True, **kwargs,
            ) as response:
                body = bytearray()
                # read1 returns what is there, so that drops in long intervals meet the limit, too
                while chunk := response.raw.read1(65536, decode_content=True):
                    body += chunk
                    if len(body) > self.limit:
                        raise Temporary(_('The vendor sent more than %(limit)s bytes.'), limit=self.limit)
                    if time.monotonic() - started > self.total:
                        raise Temporary(_('The vendor took longer than %(seconds)s seconds.'), seconds=self.total)
        except (requests.Timeout, urllib3.exceptions.ReadTimeoutError):
            raise Temporary(_('The vendor did not answer in time.')) from None
        except (requests.RequestException, urllib3.exceptions.HTTPError, OSError) as error:
            # The text of the library names the whole address, with its parameters.
            raise Temporary(_('The vendor could not be reached (%(reason)s).'), reason=type(error).__name__) from None
        try:
            data = json.loads(bytes(body)) if body else None
        except (ValueError, RecursionError):
            data = None
        return response.status_code, response.headers, data

    def mask(self, text):
        return mask(text, self.secrets)
