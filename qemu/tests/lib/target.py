# SPDX-License-Identifier: GPL-2.0-or-later
"""A fake target that behaves as a test requests, correctly or not.

It serves each connection in a thread and performs the steps of the method.  A test
creates a subclass that overrides a step, and reads from .logins how each login
ended:

    "proved"    the initiator continued after the last security step
    "closed"    the initiator closed the connection
    otherwise   the status of the target's reject, e.g. "0201"
"""
import hashlib
import os
import queue
import socket
import threading

import iscsi
import srp
from iscsi import Closed, Pdu, to_hex

CHAP = {"5": lambda data: hashlib.md5(data).digest(),
        "7": lambda data: hashlib.sha256(data).digest()}


class Reject(Exception):
    """End a login with a Login Reject."""

    def __init__(self, status):
        super().__init__(status)
        self.status = status


class Connection:
    """A connection in the Login Phase."""

    def __init__(self, target, sock):
        self.target = target
        self.wire = iscsi.Wire(sock)
        self.statsn = 1
        self.request = None
        self.keys = iscsi.Keys()

    def recv(self):
        """Keys of the next request; requests with the C bit are joined."""
        data = b""
        while True:
            self.request = self.wire.recv()
            if self.request.opcode != iscsi.LOGIN:
                raise Reject("020b")
            data += self.request.data
            if not self.request.more:
                break
            self.respond()
        try:
            self.keys = iscsi.decode_text(data)
        except ValueError as error:
            raise Reject("0200") from error
        return self.keys

    def respond(self, keys=(), transit=False, status="0000", tsih=0,
                data=None):
        request = self.request
        flags = request.flags & 0x0c
        if transit:
            flags |= iscsi.FINAL | (request.nsg or 1)
        pdu = Pdu(iscsi.LOGIN_RSP, flags,
                  iscsi.encode_text(keys) if data is None else data,
                  request.itt)
        pdu.header[8:14] = request.header[8:14]
        pdu.put(">H", 14, tsih)
        pdu.put(">I", 24, self.statsn)
        pdu.put(">I", 28, request.get(">I", 24))
        pdu.put(">I", 32, request.get(">I", 24) + 16)
        pdu.header[36:38] = bytes.fromhex(status)
        self.statsn += 1
        self.wire.send(pdu)

    def need(self, *names):
        """Values of the keys of this step; any other key is an error."""
        if set(self.keys.names()) - set(names) or \
                len(self.keys) != len(set(self.keys.names())):
            raise Reject("0200")
        values = [self.keys.get(name) for name in names]
        if None in values:
            raise Reject("0207")
        return values

    def binary(self, text):
        try:
            return iscsi.from_binary(text)
        except ValueError as error:
            raise Reject("0200") from error


class Target:
    """Listen on a loopback port; serve until closed."""

    method = "SRP"
    name = "iqn.2024-01.org.example:fake"
    port = 3261

    def __init__(self, user="alice", password="password123",
                 groups=("SRP-1536",), mutual=None):
        self.user, self.password = user.encode(), password.encode()
        self.groups, self.mutual = groups, mutual
        self.salt = os.urandom(16)
        self.logins = queue.Queue()
        self.listener = socket.create_server(("127.0.0.1", self.port),
                                             backlog=16)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # wake the accepting thread: close() alone does not
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _accept(self):
        while True:
            try:
                sock, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(sock,),
                             daemon=True).start()

    def _serve(self, sock):
        c = Connection(self, sock)
        ended = None
        try:
            self.login(c)
            ended = "proved"
            self.logins.put(ended)
            self.after(c)
        except Reject as reject:
            try:
                c.respond(status=reject.status)
            except Closed:
                pass
            if not ended:
                self.logins.put(reject.status)
        except Closed:
            if not ended:
                self.logins.put("closed")
        except Exception as error:      # a bug in the test: report it there
            self.logins.put(repr(error))
        c.wire.close()

    def ended(self, timeout=20):
        """Outcome of the next login."""
        return self.logins.get(timeout=timeout)

    # Steps

    def login(self, c):
        c.recv()
        c.discovery = c.keys.get("SessionType") == "Discovery"
        self.choose(c)
        getattr(self, self.method.lower())(c)

    def choose(self, c):
        """Rows 0a and 0b."""
        offered = c.keys.get("AuthMethod")
        if offered is None:
            raise Reject("0201")
        if self.method not in offered.split(","):
            c.respond([("AuthMethod", "Reject")])
            raise Reject("0201")
        c.respond([("AuthMethod", self.method), ("TargetPortalGroupTag", "1")],
                  transit=self.method == "None" and c.request.transit)

    def none(self, c):
        c.recv()

    def srp(self, c):
        self.user_step(c)
        self.ephemeral_step(c)
        self.proof_step(c)
        c.recv()

    def user_step(self, c):
        """Rows 1 and 2."""
        c.recv()
        user, target_auth = c.need("SRP_U", "TargetAuth")
        if target_auth not in ("Yes", "No"):
            raise Reject("0200")
        if user.encode() != self.user:
            raise Reject("0202")
        c.target_auth = target_auth == "Yes"
        c.respond(self.offer(c))

    def offer(self, c):
        return [("SRP_GROUP", ",".join(self.groups)),
                ("SRP_s", to_hex(self.salt))]

    def ephemeral_step(self, c):
        """Rows 3 and 4."""
        c.recv()
        A, group = c.need("SRP_A", "SRP_GROUP")
        if group not in self.groups:
            raise Reject("0200")
        c.A = srp.number(c.binary(A))
        c.server = srp.Server(group, self.user, self.salt, self.verifier(group))
        if not 0 < c.A < c.server.N:
            raise Reject("0201")
        c.server.proof(c.A)
        c.respond(self.B(c))

    def verifier(self, group):
        return srp.verifier(group, self.user, self.password, self.salt)

    def B(self, c):
        return [("SRP_B", to_hex(srp.octets(c.server.B)))]

    def proof_step(self, c):
        """Rows 5 and 6."""
        c.recv()
        M, = c.need("SRP_M")
        if c.binary(M) != c.server.M:
            raise Reject("0201")
        c.respond(self.HM(c), transit=c.request.transit)

    def HM(self, c):
        return [("SRP_HM", to_hex(c.server.HM))] if c.target_auth else []

    def chap(self, c):
        c.recv()
        algorithms, = c.need("CHAP_A")
        number = next((n for n in CHAP if n in algorithms.split(",")), None)
        if number is None:
            raise Reject("0201")
        digest = CHAP[number]
        ident, challenge = os.urandom(1), os.urandom(16)
        c.respond([("CHAP_A", number), ("CHAP_I", str(ident[0])),
                   ("CHAP_C", to_hex(challenge))])
        c.recv()
        if c.keys.get("CHAP_N") != self.user.decode() or \
                c.binary(c.keys.get("CHAP_R")) != digest(
                    ident + self.password + challenge):
            raise Reject("0201")
        answer = []
        if c.keys.get("CHAP_C"):
            if not self.mutual:
                raise Reject("0201")
            answer = [("CHAP_N", self.mutual[0]),
                      ("CHAP_R", to_hex(digest(
                          bytes([int(c.keys.get("CHAP_I"))]) +
                          self.mutual[1].encode() +
                          c.binary(c.keys.get("CHAP_C")))))]
        c.respond(answer, transit=c.request.transit)
        c.recv()

    def after(self, c):
        """Serve a discovery session; a normal one would need a disk."""
        if not c.discovery:
            raise Reject("0203")
        while True:
            full_feature = c.request.transit and c.request.nsg == 3
            c.respond(transit=c.request.transit, tsih=int(full_feature))
            if full_feature:
                break
            c.recv()
        while True:
            self.full_feature(c, c.wire.recv())

    def targets(self):
        """The answer to SendTargets."""
        return [("TargetName", self.name),
                ("TargetAddress", "127.0.0.1:%d,1" % self.port)]

    def full_feature(self, c, request):
        if request.opcode == iscsi.TEXT:
            answer = Pdu(iscsi.TEXT_RSP, iscsi.FINAL,
                         iscsi.encode_text(self.targets()), request.itt)
            answer.put(">I", 20, 0xffffffff)
        elif request.opcode == iscsi.LOGOUT:
            answer = Pdu(iscsi.LOGOUT_RSP, iscsi.FINAL, itt=request.itt)
        else:
            answer = Pdu(iscsi.NOP_IN, iscsi.FINAL, request.data, request.itt)
            answer.put(">I", 20, 0xffffffff)
        expected = request.get(">I", 24)
        if not request.header[0] & iscsi.IMMEDIATE:
            expected += 1
        answer.put(">I", 24, c.statsn)
        answer.put(">I", 28, expected)
        answer.put(">I", 32, request.get(">I", 24) + 16)
        c.statsn += 1
        c.wire.send(answer)
