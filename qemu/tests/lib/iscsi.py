# SPDX-License-Identifier: GPL-2.0-or-later
"""iSCSI PDUs and text format for logins (RFC 7143)."""
import base64
import re
import socket
import struct

NOP_OUT, LOGIN, TEXT, LOGOUT = 0x00, 0x03, 0x04, 0x06
NOP_IN, LOGIN_RSP, TEXT_RSP, LOGOUT_RSP = 0x20, 0x23, 0x24, 0x26
COMMAND, COMMAND_RSP, DATA_IN, REJECT = 0x01, 0x21, 0x25, 0x3f
IMMEDIATE = 0x40
FINAL = 0x80                            # T in a login PDU
CONTINUE = 0x40
BHS = 48


class Closed(Exception):
    """The peer closed the connection instead of sending a PDU."""


class Pdu:
    """A PDU: a header of 48 bytes and a data segment."""

    def __init__(self, opcode=0, flags=0, data=b"", itt=0, header=None):
        self.header = bytearray(header or BHS)
        if header is None:
            self.header[0], self.header[1] = opcode, flags
            struct.pack_into(">I", self.header, 16, itt)
        self.data = data

    opcode = property(lambda self: self.header[0] & 0x3f)
    flags = property(lambda self: self.header[1])
    transit = property(lambda self: bool(self.flags & FINAL))
    more = property(lambda self: bool(self.flags & CONTINUE))
    csg = property(lambda self: self.flags >> 2 & 3)
    nsg = property(lambda self: self.flags & 3)
    itt = property(lambda self: self.get(">I", 16))
    status = property(lambda self: "%02x%02x" % tuple(self.header[36:38]))
    keys = property(lambda self: decode_text(self.data))

    def get(self, form, offset):
        return struct.unpack_from(form, self.header, offset)[0]

    def put(self, form, offset, value):
        struct.pack_into(form, self.header, offset, value)

    def octets(self):
        self.header[4] = 0
        self.header[5:8] = len(self.data).to_bytes(3, "big")
        return bytes(self.header) + self.data + bytes(-len(self.data) % 4)


class Wire:
    """PDUs over one TCP connection."""

    def __init__(self, sock, timeout=20):
        self.sock = sock
        sock.settimeout(timeout)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def _octets(self, count):
        got = b""
        while len(got) < count:
            try:
                more = self.sock.recv(count - len(got))
            except ConnectionError as error:
                raise Closed("connection reset") from error
            if not more:
                raise Closed("connection closed")
            got += more
        return got

    def send(self, pdu):
        try:
            self.sock.sendall(pdu.octets())
        except ConnectionError as error:
            raise Closed("connection reset") from error

    def recv(self):
        pdu = Pdu(header=self._octets(BHS))
        length = int.from_bytes(pdu.header[5:8], "big")
        extra = pdu.header[4] * 4
        pdu.data = self._octets(extra + length + -length % 4)
        pdu.data = pdu.data[extra:extra + length]
        return pdu

    def close(self):
        self.sock.close()


def to_octets(text):
    return text if isinstance(text, bytes) else text.encode()


def encode_text(keys):
    """Encode keys in the given order, even repeated or malformed ones."""
    return b"".join(to_octets(key) + b"=" + to_octets(value) + b"\0"
                    for key, value in keys)


class Keys(list):
    """key=value pairs of a text segment, in order."""

    def get(self, key):
        """The value of a key, or None.  A repeated key raises."""
        values = [value for name, value in self if name == key]
        if len(values) > 1:
            raise ValueError("%s sent %d times" % (key, len(values)))
        return values[0] if values else None

    def names(self):
        return [name for name, _ in self]


def decode_text(data):
    if data and not data.endswith(b"\0"):
        raise ValueError("text does not end with NUL: %r" % data)
    keys = Keys()
    for pair in data.split(b"\0")[:-1]:
        key, equals, value = pair.partition(b"=")
        if not equals:
            raise ValueError("no '=' in %r" % pair)
        keys.append((key.decode(), value.decode()))
    return keys


def to_hex(value):
    return "0x" + value.hex()


def to_base64(value):
    return "0b" + base64.b64encode(value).decode()


def from_binary(text):
    """Bytes of a hex or base64 constant (RFC 7143, section 6.1)."""
    if re.fullmatch("0[xX][0-9a-fA-F]+", text):
        digits = text[2:]
        value = bytes.fromhex("0" * (len(digits) % 2) + digits)
    elif re.fullmatch("0[bB][A-Za-z0-9+/]+={0,2}", text):
        value = base64.b64decode(text[2:], validate=True)
    else:
        raise ValueError("not a binary-value: %.40r" % text)
    if len(value) > 1024:
        raise ValueError("binary-value of %d bytes" % len(value))
    return value
