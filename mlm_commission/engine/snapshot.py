# Part of the MLM suite. See LICENSE file for full copyright and licensing details.
"""What a run read, as one block of bytes that checks itself.

Layout: magic, version, SHA-256 of the payload, then the payload compressed with zlib. The payload
is a length, a JSON header that lists the arrays, and the arrays in little-endian order with the
bytes of each position put together, which is what makes ids and pointers compress well. The digest
is that of the uncompressed payload, so it does not depend on the version of zlib.
"""

import hashlib
import json
import struct
import zlib

import numpy as np

from .errors import EngineError
from .i18n import _
from .model import Network, Terms
from .plan import Plan
from .state import State

MAGIC = b'MLMSNAP'
STATE_MAGIC = b'MLMHAND'
VERSION = 1
TERMS = ('ranks', 'highest', 'points', 'shares', 'value', 'customers')
PLACEMENT = ('placement', 'slot')
HEAD = len(MAGIC) + 1 + 32


def pack(plan, network, terms):
    """Freeze the input of a run.

    :return: bytes, the same for the same input
    """
    writer = _Writer()
    writer.put('ids', np.diff(network.ids, prepend=0))
    writer.put('sponsor', network.sponsor)
    writer.put('active', np.packbits(network.active))
    for name in TERMS:
        writer.put(name, getattr(terms, name))
    for name in PLACEMENT if network.placement is not None else ():
        writer.put(name, getattr(network, name))
    for position, column in enumerate(terms.rates):
        writer.put(f'rates.{position}', column)
    return _close(MAGIC, writer.payload({'agents': len(network), 'columns': len(terms.rates),
                                         'plan': plan.to_dict()}))


def unpack(data):
    """Read back what `pack` froze.

    :param bytes data: a snapshot
    :return: (plan, network, terms)
    :raise EngineError: not a snapshot, of another version, or damaged
    """
    header, arrays = _open(data, MAGIC)
    size = header['agents']
    network = Network(np.cumsum(arrays['ids']), arrays['sponsor'],
                      np.unpackbits(arrays['active'], count=size).astype(bool),
                      *(arrays.get(name) for name in PLACEMENT))
    terms = Terms(tuple(arrays[f'rates.{position}'] for position in range(header['columns'])),
                  *(arrays.get(name) for name in TERMS))
    return Plan.parse(header['plan']), network, terms


def pack_state(state):
    """Freeze what a run hands to the next.

    :param State state: what a stream handed on
    :return: bytes, the same for the same state
    """
    writer, names = _Writer(), []
    writer.put('ids', np.diff(state.ids, prepend=0))
    for rule, parts in state.values.items():
        for name, part in parts.items():
            cells = part if isinstance(part, dict) else {None: part}
            for column, values in cells.items():
                writer.put(str(len(names)), values)
                names.append([rule, name, column])
    return _close(STATE_MAGIC, writer.payload({'names': names}))


def unpack_state(data):
    """Read back what `pack_state` froze.

    :param bytes data: as `pack_state` returned it
    :return: `State`
    :raise EngineError: not a state, of another version, or damaged
    """
    header, arrays = _open(data, STATE_MAGIC)
    values = {}
    for number, (rule, name, column) in enumerate(header['names']):
        parts, array = values.setdefault(rule, {}), arrays[str(number)]
        if column is None:
            parts[name] = array
        else:
            parts.setdefault(name, {})[column] = array
    return State(np.cumsum(arrays['ids']), values)


def digest(data):
    """Return the SHA-256 of a snapshot's payload as hexadecimal digits, without unpacking it."""
    return data[len(MAGIC) + 1:HEAD].hex()


def _close(magic, payload):
    return (magic + bytes([VERSION]) + hashlib.sha256(payload).digest()
            + zlib.compress(payload, 2))


def _open(data, magic):
    if data[:len(magic)] != magic or len(data) < HEAD:
        raise EngineError(_('This is not a snapshot of a run.'), field='snapshot')
    if data[len(MAGIC)] != VERSION:
        raise EngineError(_('Version %(version)s of snapshots is not known.'),
                          {'version': data[len(MAGIC)]}, field='snapshot')
    try:
        payload = zlib.decompress(data[HEAD:])
    except zlib.error:
        payload = b''
    if hashlib.sha256(payload).digest() != data[len(MAGIC) + 1:HEAD]:
        raise EngineError(_('The snapshot is damaged.'), field='snapshot')
    return _Reader(payload).read()


class _Writer:
    """Collects arrays; one that was put before under another name is only referred to."""

    def __init__(self):
        self.index, self.blocks, self._known = [], [], {}

    def put(self, name, array):
        little = np.ascontiguousarray(array).astype(array.dtype.newbyteorder('<'), copy=False)
        raw = little.tobytes()
        key = (little.dtype.str, raw)
        if key not in self._known:
            self._known[key] = len(self.blocks)
            planes = np.frombuffer(raw, np.uint8).reshape(-1, little.dtype.itemsize)
            self.blocks.append(np.ascontiguousarray(planes.T).tobytes())
        self.index.append([name, little.dtype.str, self._known[key], len(array)])

    def payload(self, header):
        header = {**header, 'arrays': self.index, 'sizes': [len(block) for block in self.blocks]}
        text = json.dumps(header, sort_keys=True, separators=(',', ':')).encode()
        return b''.join([struct.pack('<Q', len(text)), text, *self.blocks])


class _Reader:
    """Takes a payload apart."""

    def __init__(self, payload):
        self.payload = payload

    def read(self):
        size, = struct.unpack_from('<Q', self.payload)
        header = json.loads(self.payload[8:8 + size])
        place, blocks = 8 + size, []
        for length in header['sizes']:
            blocks.append(self.payload[place:place + length])
            place += length
        arrays = {}
        for name, kind, block, count in header['arrays']:
            dtype = np.dtype(kind)
            planes = np.frombuffer(blocks[block], np.uint8).reshape(dtype.itemsize, count)
            raw = np.ascontiguousarray(planes.T).reshape(-1)
            arrays[name] = raw.view(dtype).astype(dtype.newbyteorder('='), copy=False)
        return header, arrays
