# SPDX-License-Identifier: GPL-2.0-or-later
"""Requests of an initiator, and what may be wrong with them.

A mutation changes a Request; all that it chooses comes from its Random.
"""
import base64

import iscsi

DIGITS = b"0123456789abcdefABCDEF"
KEYS = [b"AuthMethod", b"SRP_U", b"SRP_A", b"SRP_M", b"SRP_GROUP", b"SRP_s", b"SRP_B",
        b"SRP_HM", b"SRP_N", b"TargetAuth", b"CHAP_A", b"CHAP_I", b"CHAP_C", b"CHAP_N",
        b"CHAP_R", b"InitiatorName", b"InitiatorAlias", b"TargetName", b"TargetAlias",
        b"TargetAddress", b"TargetPortalGroupTag", b"SessionType", b"SendTargets",
        b"HeaderDigest", b"DataDigest", b"MaxConnections", b"MaxBurstLength",
        b"MaxRecvDataSegmentLength", b"FirstBurstLength", b"MaxOutstandingR2T",
        b"ErrorRecoveryLevel", b"InitialR2T", b"ImmediateData", b"DefaultTime2Wait",
        b"DefaultTime2Retain", b"DataPDUInOrder", b"DataSequenceInOrder", b"IFMarker",
        b"OFMarker", b"IFMarkInt", b"OFMarkInt", b"RDMAExtensions", b"TaskReporting",
        b"iSCSIProtocolLevel", b"X-com.example.key", b"X#key", b"Z-digest",
        b"X-org.linux-iscsi.tls-bind"]
VALUES = [b"", b"Yes", b"No", b"None", b"SRP", b"CHAP", b"SRP,CHAP,None", b"KRB5,SPKM1",
          b"Reject", b"Irrelevant", b"NotUnderstood", b"?", b"All", b"Normal",
          b"Discovery", b"CRC32C", b"CRC32C,None", b"SRP-768", b"SRP-1536", b"MODP-8192",
          b"SRP-768,SRP-1536", b"0", b"1", b"5", b"6,7,8,5", b"-1", b"512", b"16777215",
          b"16777216", b"4294967295", b"4294967296", b"99999999999999999999", b"0x",
          b"0b", b"0x0", b"0x1", b"0xg", b"0b=", b"0bAA==", b"2048~8192", b"alice",
          b"mallory", b",", b",,", b"=", b"%s%n", b"\xff\xfe", b" "]
NAME = b"iqn.2024-01.org.example:"
RIVALS = {b"InitiatorName": [NAME + b"srp", NAME + b"none", NAME + b"guest1", b"x"],
          b"SessionType": [b"Normal", b"Discovery", b"Discovery"],
          b"TargetName": [NAME + b"target", NAME + b"demo", b"x"],
          b"AuthMethod": [b"SRP", b"CHAP", b"None", b"CHAP,SRP,None"]}
SIZES = [1, 15, 19, 20, 21, 63, 64, 95, 96, 97, 127, 128, 191, 192, 193, 255, 256, 257,
         511, 512, 1023, 1024, 1025, 2048, 4096, 8191, 8192, 9000]
LENGTHS = [0, 1, 3, 4, 47, 48, 255, 256, 8188, 8191, 8192, 8193, 8196, 0xffff, 0x10000,
           0x7fffff, 0xfffffc, 0xffffff]
NUMBERS = [0, 1, 2, 0x7f, 0x80, 0xff, 0x7fff, 0x8000, 0xffff]


class Request:
    """A PDU to be: its text as pairs of key and value, or its data."""

    def __init__(self, pairs=(), opcode=iscsi.LOGIN | iscsi.IMMEDIATE, flags=0,
                 data=None):
        self.pairs = [(iscsi.to_octets(key), iscsi.to_octets(value))
                      for key, value in pairs]
        self.opcode, self.flags, self.data = opcode, flags, data
        self.header = {}                # offset: octets that differ
        self.length = None              # in the header, instead of the right one
        self.ahs = b""                  # AHS
        self.cuts = []                  # where the text continues in another PDU
        self.pieces = []                # where the octets are cut in TCP segments
        self.ends = False               # the connection ends within these octets

    def text(self):
        return iscsi.encode_text(self.pairs) if self.data is None else self.data

    def pdus(self, header):
        """The octets of its PDUs; header: what the connection fills in."""
        text = self.text()
        ends = sorted({min(cut, len(text)) for cut in self.cuts} | {len(text)})
        for start, end in zip([0] + ends, ends):
            yield self._pdu(header, text[start:end], end < len(text))

    def _pdu(self, header, data, more):
        pdu = bytearray(header)
        pdu[0], pdu[1] = self.opcode, self.flags
        if more:
            pdu[1] = pdu[1] & ~iscsi.FINAL | iscsi.CONTINUE
        length = len(data) if self.length is None else self.length
        pdu[4] = len(self.ahs) // 4
        pdu[5:8] = length.to_bytes(3, "big")
        for offset, octets in self.header.items():
            pdu[offset:offset + len(octets)] = octets
        return bytes(pdu[:iscsi.BHS]) + self.ahs + data + bytes(-len(data) % 4)


# Values

def encoded(value):
    """The octets of a binary-value, or None."""
    try:
        return iscsi.from_binary(value.decode())
    except ValueError:
        return None


def other_encoding(rng, value):
    """The same octets, or nearly, in another way."""
    octets = encoded(value)
    if not octets:
        return rng.choice([b"0x", b"0X", b"0b", b"0B", b"0o", b"x", b"0"]) + value
    digits = octets.hex().encode()
    coded = base64.b64encode(octets)
    return rng.choice([
        b"0X" + digits.upper(), b"0x0" + digits, b"0x" + digits[1:], b"0x00" + digits,
        b"0x" + b"00" * rng.choice(SIZES) + digits, b"0x" + digits.lstrip(b"0"),
        b"0b" + coded, b"0B" + coded, b"0b" + coded.rstrip(b"="), b"0b" + coded + b"=",
        b"0b" + coded[1:], b"0b" + base64.urlsafe_b64encode(octets), digits,
        b"x" + digits, b"%d" % int.from_bytes(octets[:40], "big"), b"0x" + digits + b" ",
        b" 0x" + digits, b"0x" + octets[::-1].hex().encode(), b"0x" + digits[:-2],
        b"0x" + digits + digits, b"0x-" + digits])


def changed_digit(rng, value):
    """One octet is another one: of a number, another digit."""
    if not value:
        return b"0"
    place = rng.randrange(len(value))
    octet = rng.choice(DIGITS) if rng.random() < .6 else rng.randrange(256)
    return value[:place] + bytes([octet]) + value[place + 1:]


def nearly(rng, value):
    """A binary-value with a bit that differs, or an octet more or less at an end."""
    octets = encoded(value)
    if not octets:
        return changed_digit(rng, value)
    place = rng.choice([0, len(octets) - 1, rng.randrange(len(octets))])
    bit = bytes([octets[place] ^ 1 << rng.randrange(8)])
    return iscsi.to_hex(rng.choice([
        octets[:place] + bit + octets[place + 1:], octets[:-1], octets[1:],
        octets + rng.randbytes(1), b"\0" + octets])).encode()


VALUE = [
    other_encoding, changed_digit, nearly,
    lambda rng, value: rng.choice(VALUES),
    lambda rng, value: b"",
    lambda rng, value: value[:rng.randrange(len(value) + 1)],
    lambda rng, value: value + rng.choice([b"\0", b",", b" ", b"=", b"0", b"\xff", b";"]),
    lambda rng, value: rng.choice([b" ", b",", b"\0", b"0", b"None,"]) + value,
    lambda rng, value: value.swapcase(),
    lambda rng, value: value + b"," + rng.choice(VALUES),
    lambda rng, value: b",".join([value] * rng.choice([2, 3, 60, 1000])),
    lambda rng, value: rng.choice([b"0x", b"0b", b""]) +
    rng.choice([b"0", b"f", b"A", b"1", b"\x80"]) * rng.choice(SIZES),
    lambda rng, value: b"0x" + rng.randbytes(rng.choice(SIZES[:-3])).hex().encode(),
]


def value(rng, request):
    if request.pairs:
        place = rng.randrange(len(request.pairs))
        key, old = request.pairs[place]
        request.pairs[place] = key, rng.choice(VALUE)(rng, old)


def nearly_right(rng, request):
    """A proof that is nearly the right one."""
    request.pairs[-1] = request.pairs[-1][0], nearly(rng, request.pairs[-1][1])


# Keys

KEY = [
    lambda rng, key: rng.choice(KEYS),
    lambda rng, key: key.swapcase(),
    lambda rng, key: key.lower(),
    lambda rng, key: key[:rng.randrange(len(key) + 1)],
    lambda rng, key: key + rng.choice([b"X", b" ", b"\0", b"=", b";", b"_"]),
    lambda rng, key: rng.choice([b"X-", b"X#", b"\0", b" ", b"X"]) + key,
    lambda rng, key: b"X-" + b"k" * rng.choice(SIZES),
    changed_digit,
]


def key(rng, request):
    if request.pairs:
        place = rng.randrange(len(request.pairs))
        old, its_value = request.pairs[place]
        request.pairs[place] = rng.choice(KEY)(rng, old), its_value


def missing(rng, request):
    if request.pairs:
        del request.pairs[rng.randrange(len(request.pairs))]


def doubled(rng, request):
    """A key again, with the same value or another, or nearly the same key."""
    if request.pairs:
        its_key, its_value = rng.choice(request.pairs)
        kind = rng.random()
        if kind < .4:
            its_value = rng.choice(VALUE)(rng, its_value)
        elif kind < .7:
            its_key = rng.choice(KEY)(rng, its_key)
        request.pairs.insert(rng.randrange(len(request.pairs) + 1), (its_key, its_value))


def rival(rng, request):
    """A key that begins like one that says who logs in to what, with another value."""
    its_key = rng.choice(list(RIVALS))
    request.pairs.insert(rng.randrange(len(request.pairs) + 1),
                         (its_key + rng.choice([b"", b"X", b"2"]),
                          rng.choice(RIVALS[its_key])))


def inserted(rng, request):
    for _ in range(rng.choice([1, 1, 1, 2, 5, 300])):
        request.pairs.insert(rng.randrange(len(request.pairs) + 1),
                             (rng.choice(KEYS), rng.choice(VALUES)))


def shuffled(rng, request):
    rng.shuffle(request.pairs)


# The text as a whole

def text(rng, request):
    """Something that is no list of pairs."""
    old = request.text()
    place = rng.randrange(len(old) + 1)
    request.data = rng.choice([
        old[:-1], old + b"\0", b"\0" + old, old.replace(b"=", b""), old.replace(b"\0", b";"),
        old[:place], old[:place] + b"\0" + old[place:], old[:place] + rng.randbytes(8) +
        old[place:], rng.randbytes(rng.choice(SIZES)), b"\0" * rng.choice(SIZES), b"=",
        b"=\0" * 100, b"A" * rng.choice(SIZES), old[place:] + old[:place],
        old + b"X-" + b"1" * 40 + b"=" + b"1" * 8000 + b"\0"])


def continued(rng, request):
    """The text continues in other PDUs, or is said to."""
    size = len(request.text()) + 1
    request.cuts = [rng.randrange(size) for _ in range(rng.choice([1, 1, 2, 5, 20]))]
    if rng.random() < .2:
        request.flags ^= iscsi.CONTINUE


# The header

def flags(rng, request):
    request.flags = rng.randrange(256)


def stages(rng, request):
    request.flags = request.flags & 0xc0 | rng.randrange(16)


def transit(rng, request):
    request.flags ^= rng.choice([iscsi.FINAL, iscsi.CONTINUE])


def opcode(rng, request):
    request.opcode = rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 0x10, 0x1c, 0x20, 0x21, 0x23,
                                 0x24, 0x26, 0x3f]) | rng.choice([0, 0x40, 0x40, 0x80])


def length(rng, request):
    right = len(request.text())
    request.length = rng.choice(LENGTHS + [right + 1, right + 4, max(0, right - 1),
                                           max(0, right - 4), right * 2])


def additional_header(rng, request):
    """An AHS, or only its length."""
    if rng.random() < .5:
        request.ahs = rng.randbytes(4 * rng.choice([1, 4, 12, 255]))
    else:
        request.header[4] = bytes([rng.choice([1, 2, 0x40, 0xff])])


def field(rng, request):
    """ISID, TSIH, ITT, CID, CmdSN, StatSN, versions, or reserved octets."""
    offset, size = rng.choice([(2, 1), (3, 1), (8, 6), (8, 1), (14, 2), (16, 4), (20, 2),
                               (20, 4), (22, 2), (24, 4), (28, 4), (32, 4), (36, 4),
                               (40, 4), (44, 4)])
    number = rng.choice(NUMBERS + [rng.getrandbits(48)]) % (1 << 8 * size)
    request.header[offset] = number.to_bytes(size, "big")


def octet(rng, request):
    request.header[rng.randrange(iscsi.BHS)] = rng.randbytes(1)


# The connection

def segments(rng, request):
    """Cut the octets anywhere, or into single octets at some place."""
    start = rng.randrange(200)
    request.pieces = rng.choice([[start], [1], [47], [48], [49], [start, start + 1],
                                 list(range(start, start + 30)),
                                 [rng.randrange(2000) for _ in range(5)]])


def early_end(rng, request):
    request.pieces = [rng.choice([0, 1, 47, 48, 49, rng.randrange(400)])]
    request.ends = True


# As often as they are listed
MUTATIONS = [value] * 12 + [key] * 4 + [missing] * 2 + [doubled] * 4 + [inserted] * 3 + [
    rival] * 3 + [text] * 3 + [continued] * 5 + [stages, transit, field, segments] * 3 + [
    length] * 2 + [flags, opcode, additional_header, octet, shuffled, early_end]


def mutate(rng, request):
    rng.choice(MUTATIONS)(rng, request)
