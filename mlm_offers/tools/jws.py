# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""Verification of detached JSON Web Signatures (RFC 7515, appendix F), RS256 only."""

import base64
import json

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


def b64url_decode(text):
    return base64.urlsafe_b64decode(text + '=' * (-len(text) % 4))


def b64url_encode(data):
    return base64.urlsafe_b64encode(data).rstrip(b'=').decode()


def parse_header(signature):
    """The protected header of a detached signature.

    :param str signature: ``header..signature``
    :rtype: dict
    :raise ValueError: if it is not detached, not RS256, or has critical extensions
    """
    header, payload, _signature = signature.strip().split('.')
    fields = json.loads(b64url_decode(header))
    if payload or not isinstance(fields, dict) or fields.get('alg') != 'RS256' or 'crit' in fields:
        raise ValueError('not a detached RS256 signature')
    return fields


def verify_detached(signature, payload, keys):
    """Whether a detached signature fits a payload and one of the keys.

    :param str signature: ``header..signature``
    :param bytes payload: what was signed, unencoded
    :param list keys: the ``keys`` of a JSON Web Key Set
    :rtype: bool
    """
    try:
        kid = parse_header(signature).get('kid')
        header, _payload, sign = signature.strip().split('.')
        key = next(key for key in keys if key.get('kid') == kid and key.get('kty') == 'RSA')
        numbers = [int.from_bytes(b64url_decode(key[part]), 'big') for part in ('e', 'n')]
        public = rsa.RSAPublicNumbers(*numbers).public_key()
        public.verify(
            b64url_decode(sign), f'{header}.{b64url_encode(payload)}'.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
    except (ValueError, KeyError, TypeError, StopIteration, InvalidSignature):
        return False
    return True
