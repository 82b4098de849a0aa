# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake initiator that behaves as a test requests, correctly or not.

A test performs the steps one by one and may replace any of them:

    with Initiator() as i:
        i.start("SRP")                  # AuthMethod, rows 0a and 0b
        offer = i.user()                # rows 1 and 2
        i.ask([("SRP_M", "0x00")])      # anything, in any order
        i.operational()

or the complete login with i.login().  A Login Reject raises Rejected.
"""
import hashlib
import os
import secrets
import select
import socket
import struct
import time

import iscsi
import srp
from expect import PATIENCE
from iscsi import Closed, Pdu, to_hex

NAME = "iqn.2024-01.org.example:initiator"
TARGET = "iqn.2024-01.org.example:target"
PORTAL = ("127.0.0.1", 3260)
NO_TAG = 0xffffffff

OPERATIONAL = [
    ("MaxRecvDataSegmentLength", "65536"),
    ("HeaderDigest", "None"), ("DataDigest", "None"),
    ("DefaultTime2Wait", "2"), ("DefaultTime2Retain", "0"),
    ("IFMarker", "No"), ("OFMarker", "No"), ("ErrorRecoveryLevel", "0"),
]
# these belong to the session, not to a connection
LEADING = [
    ("InitialR2T", "No"), ("ImmediateData", "Yes"),
    ("MaxBurstLength", "262144"), ("FirstBurstLength", "65536"),
    ("MaxOutstandingR2T", "1"), ("MaxConnections", "8"),
    ("DataPDUInOrder", "Yes"), ("DataSequenceInOrder", "Yes"),
]


class Rejected(Exception):
    """A Login Response with a status other than success."""

    def __init__(self, pdu):
        super().__init__("Login reject " + pdu.status)
        self.status = pdu.status
        self.pdu = pdu


class Refused(Exception):
    """The target sent an answer that an initiator must not accept."""


class Initiator:
    """A connection to a target, with the SRP or CHAP state of its login."""

    def __init__(self, user="alice", password="password123", name=NAME,
                 target=TARGET, portal=PORTAL, discovery=False, isid=None,
                 tsih=0, cid=0, timeout=20, values=(), wrap=None,
                 source=None):
        self.user_name, self.password = user.encode(), password.encode()
        self.name, self.target, self.discovery = name, target, discovery
        self.isid = isid or b"\x80" + secrets.token_bytes(5)
        self.tsih, self.cid = tsih, cid
        self.leading = not tsih
        self.values = dict(values)      # of operational keys, instead of ours
        self.itt = 1
        self.cmdsn, self.expstatsn = 1, 0
        self.first = True
        self.transcript = []            # (">" or "<", Pdu)
        timeout *= PATIENCE
        self.timeout = timeout
        sock = socket.create_connection(portal, timeout,
                                        source and (source, 0))
        # wrap(socket): what is between us and TCP, such as TLS
        self.wire = iscsi.Wire(wrap(sock) if wrap else sock, timeout)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.wire.close()

    close = __exit__

    # PDUs

    def declare(self):
        """Keys of the first Login Request."""
        keys = [("InitiatorName", self.name)]
        if self.leading:
            keys.append(("SessionType",
                         "Discovery" if self.discovery else "Normal"))
        if self.target and not self.discovery:
            keys.append(("TargetName", self.target))
        return keys

    def send(self, keys=(), transit=False, csg=0, nsg=None, more=False,
             data=None):
        """Send one Login Request; data replaces the text of keys."""
        keys = list(keys)
        if self.first and data is None:
            keys = self.declare() + keys
        self.first = False
        if nsg is None:
            nsg = (1 if csg == 0 else 3) if transit else 0
        pdu = Pdu(iscsi.LOGIN | iscsi.IMMEDIATE,
                  transit * iscsi.FINAL | more * iscsi.CONTINUE |
                  csg << 2 | nsg,
                  iscsi.encode_text(keys) if data is None else data, self.itt)
        pdu.header[8:14] = self.isid
        pdu.put(">H", 14, self.tsih)
        pdu.put(">H", 20, self.cid)
        pdu.put(">I", 24, self.cmdsn)
        pdu.put(">I", 28, self.expstatsn)
        self.transcript.append((">", pdu))
        self.wire.send(pdu)

    def recv(self):
        pdu = self.wire.recv()
        self.transcript.append(("<", pdu))
        if pdu.opcode != iscsi.LOGIN_RSP:
            raise Refused("opcode %#x in the Login Phase" % pdu.opcode)
        if pdu.status != "0000":
            raise Rejected(pdu)
        self.expstatsn = (pdu.get(">I", 24) + 1) & 0xffffffff
        if pdu.get(">H", 14):
            self.tsih = pdu.get(">H", 14)
        return pdu

    def ask(self, keys=(), **how):
        self.send(keys, **how)
        return self.recv()

    def ask_split(self, data, cuts, transit=False):
        """Send text in several PDUs, all but the last with C=1."""
        cuts = [0] + list(cuts) + [len(data)]
        for start, end in zip(cuts[:-2], cuts[1:-1]):
            answer = self.ask(data=data[start:end], more=True)
            if answer.data or answer.transit:
                raise Refused("an answer to C=1 that is not empty")
        return self.ask(data=data[cuts[-2]:], transit=transit)

    # The security stage

    def start(self, methods, extra=(), **how):
        """Propose AuthMethod; return the target's choice."""
        self.first_answer = self.ask([("AuthMethod", methods)] + list(extra),
                                     **how)
        return self.first_answer.keys.get("AuthMethod")

    def choose(self, methods, wanted, **how):
        """Propose AuthMethod and insist on one method."""
        choice = self.start(methods, **how)
        if choice == "Reject":
            self.recv()
        if choice != wanted:
            raise Refused("AuthMethod=%s" % choice)

    def security(self, keys):
        """Send a request within a method: the target must not transit yet."""
        answer = self.ask(keys)
        if answer.transit:
            raise Refused("T=1 before the proof")
        return answer.keys

    def user(self, target_auth="Yes"):
        """Rows 1 and 2."""
        self.target_auth = target_auth == "Yes"
        keys = self.security([("SRP_U", self.user_name),
                              ("TargetAuth", target_auth)])
        self.offer = keys.get("SRP_GROUP").split(",")
        self.salt = iscsi.from_binary(keys.get("SRP_s"))
        return self.offer

    def ephemeral(self, group=None, value=None):
        """Rows 3 and 4; group: by default the target's first."""
        self.client = srp.Client(group or self.offer[0], self.user_name,
                                 self.password)
        keys = self.security([
            ("SRP_A", value or to_hex(srp.octets(self.client.A))),
            ("SRP_GROUP", self.client.group)])
        self.B = srp.number(iscsi.from_binary(keys.get("SRP_B")))
        if not 0 < self.B < self.client.N or srp.make_u(self.B) == 0:
            raise Refused("SRP_B")
        return self.client.proof(self.salt, self.B)

    def prove(self, M=None, transit=True, extra=()):
        """Rows 5 and 6."""
        answer = self.ask([("SRP_M", to_hex(M or self.client.M))] + list(extra),
                          transit=transit)
        HM = answer.keys.get("SRP_HM")
        if self.target_auth:
            if HM is None or iscsi.from_binary(HM) != self.client.HM:
                raise Refused("SRP_HM %s" % HM)
        elif HM is not None:
            raise Refused("SRP_HM though TargetAuth=No")
        if answer.transit != transit:
            raise Refused("T=%d" % answer.transit)
        return answer

    def srp(self, methods="SRP", group=None, target_auth="Yes"):
        """The complete security stage with SRP."""
        self.choose(methods, "SRP")
        self.user(target_auth)
        self.ephemeral(group)
        self.prove()

    def chap(self, methods="CHAP", secret=None, mutual=None):
        """The complete security stage with CHAP and MD5.

        mutual: (name, secret) that the target must prove to know.
        """
        self.choose(methods, "CHAP")
        self.chap_rows(secret, mutual)

    def chap_rows(self, secret=None, mutual=None):
        keys = self.security([("CHAP_A", "5")])
        if keys.get("CHAP_A") != "5":
            raise Refused("CHAP_A")
        secret = self.password if secret is None else secret.encode()
        answer = [("CHAP_N", self.user_name),
                  ("CHAP_R", to_hex(hashlib.md5(
                      bytes([int(keys.get("CHAP_I"))]) + secret +
                      iscsi.from_binary(keys.get("CHAP_C"))).digest()))]
        challenge, ident = os.urandom(16), 7
        if mutual:
            answer += [("CHAP_I", str(ident)), ("CHAP_C", to_hex(challenge))]
        keys = self.ask(answer, transit=True).keys
        if mutual:
            wanted = hashlib.md5(bytes([ident]) + mutual[1].encode() +
                                 challenge).digest()
            if keys.get("CHAP_N") != mutual[0] or \
                    iscsi.from_binary(keys.get("CHAP_R")) != wanted:
                raise Refused("CHAP_N or CHAP_R")

    def none(self, methods="None"):
        self.choose(methods, "None", transit=True)

    # The operational stage and the full feature phase

    def send_operational(self):
        """Send what is usually the last Login Request."""
        keys = OPERATIONAL + (LEADING if self.leading else [])
        self.send([(key, self.values.get(key, value)) for key, value in keys],
                  csg=1, transit=True)

    def operational(self):
        self.send_operational()
        answer = self.recv()
        while not answer.transit:
            answer = self.ask(csg=1, transit=True)

    def login(self, method="SRP", **how):
        """Log in completely; return self in the full feature phase."""
        getattr(self, method.lower())(**how)
        self.operational()
        return self

    def _request(self, opcode, flags, itt, data=b"", immediate=True):
        pdu = Pdu(opcode | (iscsi.IMMEDIATE if immediate else 0), flags, data,
                  itt)
        pdu.put(">I", 20, NO_TAG)
        pdu.put(">I", 24, self.cmdsn)
        pdu.put(">I", 28, self.expstatsn)
        return pdu

    def _recv(self):
        """The next PDU but for the target's pings, which are answered."""
        end = time.monotonic() + self.timeout
        while time.monotonic() < end:
            pdu = self.wire.recv()
            if not self._pong(pdu):
                return pdu
        raise socket.timeout("nothing but pings")

    def _pong(self, pdu):
        """Answer a ping of the target's; return whether it is one."""
        if pdu.opcode != iscsi.NOP_IN or pdu.get(">I", 20) == NO_TAG:
            return False
        pong = self._request(iscsi.NOP_OUT, iscsi.FINAL, NO_TAG)
        pong.put(">I", 20, pdu.get(">I", 20))
        self.wire.send(pong)
        return True

    def answer_pings(self):
        """Those that have arrived while nothing else was expected."""
        here = select.poll()
        here.register(self.wire.sock, select.POLLIN)
        while here.poll(0):
            if not self._pong(self.wire.recv()):
                raise Refused("an answer to nothing")

    def _answer(self, opcode):
        while True:
            pdu = self._recv()
            if pdu.opcode == opcode:
                self._acknowledge(pdu)
                return pdu

    def _acknowledge(self, answer):
        """With the next request."""
        self.expstatsn = (answer.get(">I", 24) + 1) & 0xffffffff

    def send_ping(self):
        self.wire.send(self._request(iscsi.NOP_OUT, iscsi.FINAL, 0x100,
                                     b"ping"))

    def ping(self):
        """Return whether the session answers a NOP-Out."""
        self.send_ping()
        return self._answer(iscsi.NOP_IN).data == b"ping"

    def rejected(self, opcode, flags):
        """Send a request and wait for its Reject."""
        self.wire.send(self._request(opcode, flags, 0x100))
        self._answer(iscsi.REJECT)

    def _command(self, code, octets, block, flags, data=b""):
        """Read or write blocks of LUN 0, in one command; return (SCSI status, data)."""
        request = self._request(iscsi.COMMAND, iscsi.FINAL | flags, 0x10, data,
                                immediate=False)
        request.put(">I", 20, octets)
        request.header[32:48] = struct.pack(">BBIBHB6x", code, 0, block, 0,
                                            octets // 512, 0)
        self.wire.send(request)
        self.cmdsn += 1
        got, last = b"", False
        while not last:
            pdu = self._recv()
            if pdu.opcode == iscsi.DATA_IN:
                got += pdu.data
                last = pdu.flags & 1    # it has the status
            else:
                last = pdu.opcode == iscsi.COMMAND_RSP
        self._acknowledge(pdu)
        return pdu.header[3], got

    def read(self, octets, block=0):
        """What is read, perhaps not all of it."""
        return self._command(0x28, octets, block, 0x40)[1]

    def write(self, data, block=0):
        """Return whether it is written."""
        return self._command(0x2a, len(data), block, 0x20, data)[0] == 0

    def send_targets(self):
        """Target names listed by a discovery session."""
        self.wire.send(self._request(iscsi.TEXT, iscsi.FINAL, 0x200,
                                     b"SendTargets=All\0"))
        keys = self._answer(iscsi.TEXT_RSP).keys
        return [value for key, value in keys if key == "TargetName"]

    def logout(self, connection=False):
        """Log out the session, or only this connection; return 0 on success."""
        request = self._request(iscsi.LOGOUT, iscsi.FINAL | connection, 0x300)
        request.put(">H", 20, self.cid)
        self.wire.send(request)
        return self._answer(iscsi.LOGOUT_RSP).header[2]


def ended(step):
    """Return what step() returns, or how it ended: a reject's status or "closed"."""
    try:
        return step()
    except Rejected as reject:
        return reject.status
    except Closed:
        return "closed"


def outcome(script, **how):
    """Log in with script(initiator); return "0000", a reject's status or "closed"."""
    def whole():
        with Initiator(**how) as i:
            script(i)
            return "0000"
    return ended(whole)
