# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of the full feature phase for the fuzzer.

Their data is all ones: with a wrong length it is taken for an unknown request, which ends
the connection.  LIO answers each malformed request with a Reject that keeps a tag until
it is acknowledged: after many of them it would read nothing else.
"""
import struct

import iscsi
from fuzzgrammar import KEYS, NUMBERS, VALUES, Request

TASK, DATA_OUT, SNACK = 2, 5, 0x10


def request(rng, exchange):
    """Some request, with the fields that it needs."""
    made = rng.choice([_ping, _ping, _text, _text, _logout, _command, _command, _task,
                       _data, _snack, _login])(rng)
    exchange.itt += 1
    if not made.opcode & iscsi.IMMEDIATE:
        exchange.cmdsn += 1
    return made


def _ones(count):
    return b"\xff" * count


def _lun(rng):
    return rng.choice([bytes(8), bytes(8), b"\0\1" + bytes(6), rng.randbytes(8)])


def _tag(rng):
    return struct.pack(">I", rng.choice([0xffffffff, 0xffffffff, 0, 1, rng.getrandbits(32)]))


def _ping(rng):
    made = Request(opcode=iscsi.NOP_OUT | rng.choice([0, iscsi.IMMEDIATE]),
                   flags=iscsi.FINAL, data=_ones(rng.choice([0, 4, 5, 4096])))
    made.header[20] = _tag(rng)
    if rng.random() < .2:
        made.header[16] = b"\xff" * 4   # it wants no answer
    return made


def _text(rng):
    pairs = [("SendTargets", rng.choice(["All", "", "iqn.2024-01.org.example:target", "x"]))]
    if rng.random() < .4:
        pairs = [(rng.choice(KEYS), rng.choice(VALUES)) for _ in range(rng.randrange(9))]
    made = Request(pairs, iscsi.TEXT | rng.choice([0, iscsi.IMMEDIATE]), iscsi.FINAL)
    made.header[20] = _tag(rng)
    return made


def _logout(rng):
    made = Request(opcode=iscsi.LOGOUT | rng.choice([0, iscsi.IMMEDIATE]),
                   flags=iscsi.FINAL | rng.choice([0, 0, 1, 2, 3]), data=b"")
    made.header[20] = struct.pack(">H", rng.choice([0, 0, 0, 1, 0xffff]))
    return made


def _command(rng):
    size = rng.choice([0, 512, 512, 4096, 65536])
    code = rng.choice([0x00, 0x12, 0x25, 0x28, 0x2a, 0x2a, 0xa0, 0x1a, 0x9e, 0xff])
    made = Request(opcode=iscsi.COMMAND, data=_ones(size) if code == 0x2a else b"",
                   flags=iscsi.FINAL | (0x20 if code == 0x2a else 0x40 if size else 0) |
                   rng.randrange(5))
    made.header[8] = _lun(rng)
    made.header[20] = struct.pack(">I", size)
    made.header[32] = bytes([code, 0, 0, 0, 0, rng.choice([0, 0, 255]), 0]) + \
        struct.pack(">H", size // 512) + bytes(7)
    return made


def _task(rng):
    made = Request(opcode=TASK | iscsi.IMMEDIATE, data=b"",
                   flags=iscsi.FINAL | rng.choice([1, 2, 3, 4, 5, 6, 7, 8, 9, 0]))
    made.header[8] = _lun(rng)
    made.header[20] = _tag(rng)
    made.header[36] = struct.pack(">I", rng.choice(NUMBERS))
    return made


def _data(rng):
    made = Request(opcode=DATA_OUT, flags=rng.choice([0, iscsi.FINAL]),
                   data=_ones(rng.choice([0, 4, 512, 8192])))
    made.header[20] = _tag(rng)
    made.header[36] = struct.pack(">II", rng.choice(NUMBERS), rng.choice(NUMBERS))
    return made


def _snack(rng):
    made = Request(opcode=SNACK, flags=iscsi.FINAL | rng.randrange(4), data=b"")
    made.header[20] = _tag(rng)
    made.header[40] = struct.pack(">II", rng.choice(NUMBERS), rng.choice(NUMBERS))
    return made


def _login(rng):
    return Request([("InitiatorName", "iqn.2024-01.org.example:srp")],
                   flags=rng.choice([0, iscsi.FINAL | 1, iscsi.FINAL | 7]))
