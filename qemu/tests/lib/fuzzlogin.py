# SPDX-License-Identifier: GPL-2.0-or-later
"""One exchange of the fuzzer: a login, with some of its requests mutated.

All that an exchange chooses comes from its seed, so it can be run again alone.  It
raises Finding if the target does what it must not.
"""
import hashlib
import random
import socket
import struct

import fuzzsession
import iscsi
import srp
from expect import PATIENCE
from fuzzgrammar import Request, mutate, nearly_right
from initiator import LEADING, OPERATIONAL, TARGET

NAME = "iqn.2024-01.org.example:"
DEMO = NAME + "demo"                    # a target that any initiator may log in to
USER, PASSWORD = b"alice", b"password123"
LIMIT = 15                              # seconds; a login's, and LIO's default
MARGIN = 5
# RFC 7143, section 11.13.5
STATUSES = {"0101", "0102", "0300", "0301", "0302"} | {"02%02x" % n for n in range(12)}
STEPS = {"SRP": ["start", "user", "ephemeral", "proof", "operational"],
         "CHAP": ["start", "algorithm", "response", "operational"],
         "None": ["start", "operational"]}
PROOFS = b"SRP_M", b"CHAP_R"
GROUPS = ["SRP-768"] * 9 + ["SRP-1024"]        # small: jobs take most of the time


class Finding(Exception):
    """The target does what it must not."""


class Hung(Finding):
    """The target neither answers nor ends a connection."""


class Ended(Exception):
    """The connection is over."""


def decode(data):
    """{key: value} of an answer; what LIO repeats may be of any octets."""
    if data and not data.endswith(b"\0"):
        raise Finding("text that does not end with NUL")
    pairs = [pair.partition(b"=") for pair in data.split(b"\0")[:-1]]
    if not all(equals for _, equals, _ in pairs):
        raise Finding("malformed text")
    return {key.decode("latin-1"): value.decode("latin-1") for key, _, value in pairs}


class Plan:
    """Who logs in, by which steps, and which of them are mutated."""

    def __init__(self, rng):
        kind = rng.random()
        self.discovery = kind < .15
        self.target = None if self.discovery else DEMO if kind < .3 else TARGET
        self.name = NAME + (
            rng.choice(["srp", "srp", "srp", "chap", "both", "none", "none", "stranger"])
            if self.target == TARGET else "guest%d" % rng.randrange(8))
        self.free = self.name.endswith(":none")
        self.method = rng.choice(["SRP", "SRP", "SRP", "CHAP", "None"])
        if rng.random() < .8:           # one that can work
            self.method = {"srp": "SRP", "chap": "CHAP", "none": "None"}.get(
                self.name[len(NAME):], rng.choice(["SRP", "SRP", "SRP", "CHAP"]))
        self.user, self.password = USER, PASSWORD
        if rng.random() < .3:
            self.user = rng.choice([b"mallory", b"bob", b"carol", b"\xff" * 255])
        if rng.random() < .3:
            self.password = b"wrong"
        self.group = "SRP-768" if self.name.endswith(":srp") else rng.choice(GROUPS)
        self.mutual = rng.choice(["Yes", "No"])
        self.isid = bytes([0x80]) + (rng.randbytes(5) if rng.random() < .9 else
                                     bytes([0, 0, 0, 0, rng.randrange(4)]))
        self.a = rng.getrandbits(64) | 1 << 63  # small: it need not be a secret
        self.steps = list(STEPS[self.method])
        if rng.random() < .15:
            self._disorder(rng)
        self.session = rng.randrange(1, 6)      # requests in full feature phase
        every = range(len(self.steps) + self.session)
        self.mutated = {}               # step: number of mutations
        if rng.random() < .97:
            # Half of them in the first request would never get further
            for _ in range(rng.choice([1, 1, 1, 2, 3])):
                self.mutated[rng.choice(every)] = rng.choice([1, 1, 2, 4])
        self.nearly = rng.random() < .05        # right, but for the proof
        if self.nearly:
            self.user, self.password, self.mutated = USER, PASSWORD, {}
        self.untouched = not (self.mutated or self.nearly) and \
            self.steps == STEPS[self.method]
        self.waits = rng.random() < .0002       # for the end of its time
        self.end = rng.choice(["shut", "shut", "shut", "close", "reset"])

    def _disorder(self, rng):
        place = rng.randrange(len(self.steps))
        other = rng.choice(STEPS[rng.choice(["SRP", "CHAP"])])
        rng.choice([lambda: self.steps.pop(place),
                    lambda: self.steps.insert(place, other),
                    lambda: self.steps.insert(place, self.steps[place]),
                    lambda: rng.shuffle(self.steps)])()


class Exchange:
    """A connection to the target, from its first octet to its last."""

    def __init__(self, seed, number, portal):
        self.seed = "%d/%d" % (seed, number)
        self.plan = plan = Plan(random.Random(self.seed))
        self.outcome = "closed"
        self.transcript = []            # what was sent and received
        self.itt, self.expstatsn, self.tsih, self.cmdsn = 1, 0, 0, 1
        self.first = True               # no request yet
        self.unanswered = 0             # complete requests
        self.sent = b""                 # since the last complete request
        self.text = b""                 # of a request that continues
        self.granted = plan.free        # may it enter the operational stage?
        self.named = set()              # users that SRP_U named
        self.full = False               # in full feature phase
        self.maybe = False              # the target may have logged it in
        self.keys = {}                  # of the last answer
        self.right = None               # the proof that the target must accept
        self.client = None
        self.buffer = b""               # received
        # The kernel's own time limits: Python's cost a system call each time
        self.sock = socket.socket()
        limit = struct.pack("ll", (LIMIT + MARGIN) * PATIENCE, 0)
        for option in socket.SO_RCVTIMEO, socket.SO_SNDTIMEO:
            self.sock.setsockopt(socket.SOL_SOCKET, option, limit)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.sock.connect(portal)

    def run(self):
        """Return what became of it: "in", a status, or "closed"."""
        try:
            self._run()
        except Ended:
            pass
        except BlockingIOError:
            raise Hung("no answer and no end after %d s" % (
                (LIMIT + MARGIN) * PATIENCE)) from None
        finally:
            self.sock.close()
        if self.plan.untouched:
            self._check_outcome()
        return self.outcome

    def _run(self):
        plan = self.plan
        for number in range(len(plan.steps) + plan.session):
            rng = random.Random("%s/%d" % (self.seed, number))
            if number < len(plan.steps) and not self.full:
                request = getattr(self, "_" + plan.steps[number])()
            elif self.full:
                request = fuzzsession.request(rng, self)
            else:
                break
            for _ in range(plan.mutated.get(number, 0)):
                mutate(rng, request)
            if plan.nearly and request.pairs and request.pairs[-1][0] in PROOFS:
                nearly_right(rng, request)
            self._send(request)
        self._end()

    def _check_outcome(self):
        """Nothing was wrong, except the password and the user."""
        plan = self.plan
        known = plan.user == USER and plan.password == PASSWORD
        methods = {"srp": ["SRP"], "chap": ["CHAP"], "none": [plan.method],
                   "stranger": []}.get(plan.name[len(NAME):], ["SRP", "CHAP"])
        may = plan.method in methods and (known or plan.free)
        if may != (self.outcome == "in") and not (plan.free and plan.method != "None"):
            raise Finding("a login without a mutation has ended: " + self.outcome)

    # Requests

    def _flags(self, csg, transit):
        return csg << 2 | (iscsi.FINAL | (3 if csg else 1) if transit else 0)

    def _declare(self):
        if not self.first:
            return []
        pairs = [("InitiatorName", self.plan.name),
                 ("SessionType", "Discovery" if self.plan.discovery else "Normal")]
        return pairs + ([("TargetName", self.plan.target)] if self.plan.target else [])

    def _start(self):
        return Request(self._declare() + [("AuthMethod", self.plan.method)],
                       flags=self._flags(0, self.plan.method == "None"))

    def _user(self):
        return Request(self._declare() + [("SRP_U", self.plan.user),
                                          ("TargetAuth", self.plan.mutual)])

    def _ephemeral(self):
        plan = self.plan
        self.client = srp.Client(plan.group, plan.user, plan.password, plan.a)
        self.salt = self._binary("SRP_s")
        return Request(self._declare() + [
            ("SRP_A", iscsi.to_hex(srp.octets(self.client.A))),
            ("SRP_GROUP", plan.group)])

    def _proof(self):
        B = self._binary("SRP_B")
        M = bytes(20)
        if self.client and B and self.salt:
            M = self.client.proof(self.salt, srp.number(B))
            self.right = M
        return Request(self._declare() + [("SRP_M", iscsi.to_hex(M))],
                       flags=self._flags(0, True))

    def _algorithm(self):
        return Request(self._declare() + [("CHAP_A", "5")])

    def _response(self):
        ident, challenge = self.keys.get("CHAP_I"), self._binary("CHAP_C")
        if ident and ident.isdigit() and challenge:
            self.right = hashlib.md5(bytes([int(ident) & 255]) + self.plan.password +
                                     challenge).digest()
        return Request(self._declare() + [("CHAP_N", self.plan.user),
                                          ("CHAP_R", iscsi.to_hex(self.right or bytes(16)))],
                       flags=self._flags(0, True))

    def _operational(self):
        return Request(self._declare() + OPERATIONAL + LEADING,
                       flags=self._flags(1, True))

    def _binary(self, key):
        try:
            return iscsi.from_binary(self.keys.get(key, ""))
        except ValueError:
            return None

    # What goes out

    def _header(self):
        header = bytearray(iscsi.BHS)
        struct.pack_into(">6sHIHHII", header, 8, self.plan.isid, self.tsih, self.itt,
                         0, 0, self.cmdsn, self.expstatsn)
        return header

    def _send(self, request):
        for pdu in request.pdus(self._header()):
            self.first = False
            cuts = [cut for cut in sorted(request.pieces) if cut < len(pdu)]
            for start, end in zip([0] + cuts, cuts + [len(pdu)]):
                self._octets(pdu[start:end])
                if request.ends and cuts:
                    self._end()
            while self.unanswered and not self.full:
                self._receive_login()

    def _octets(self, octets):
        self._follow(octets)
        self.transcript.append((">", octets))
        try:
            self.sock.sendall(octets)
        except ConnectionError:
            self._drain()

    def _follow(self, octets):
        """See the requests as the target does: a Login Request has no AHS."""
        self.sent += octets
        while not self.full and len(self.sent) >= iscsi.BHS:
            length = int.from_bytes(self.sent[5:8], "big")
            end = iscsi.BHS + length + -length % 4
            if length > 8192:
                self.unanswered += 1    # it closes the connection
                self.sent = b""
                return
            if len(self.sent) < end:
                return
            self._complete(self.sent[:iscsi.BHS], self.sent[iscsi.BHS:][:length])
            self.sent = self.sent[end:]

    def _complete(self, header, data):
        self.unanswered += 1
        self.transit = header[1] & iscsi.FINAL
        self.more = header[1] & iscsi.CONTINUE
        self.maybe = header[1] & 0x0f == 7 and bool(self.transit)
        self.text += data
        for text in data, self.text:
            self._look_for_proof(text)
        if not self.more:
            self.text = b""

    def _look_for_proof(self, text):
        """Whether a request proves that it knows the password, or needs no proof."""
        # The name of an initiator that may log in without one, wherever it is
        if (NAME + "none").encode() in text.lower():
            self.granted = True
        pairs = [pair.partition(b"=") for pair in text.split(b"\0")]
        self.named |= {value for key, _, value in pairs if key == b"SRP_U"}
        if not self.right or self.plan.password != PASSWORD or self.plan.user != USER:
            return
        if self.plan.method == "CHAP" and self.right.hex().encode() in text.lower():
            self.granted = True
        for key, _, value in pairs:
            try:
                right = iscsi.from_binary(value.decode()) == self.right
            except ValueError:
                continue
            if right and (key == b"SRP_M" and USER in self.named or b"CHAP" in key):
                self.granted = True

    # What comes back

    def _read(self, count):
        while len(self.buffer) < count:
            try:
                more = self.sock.recv(1 << 16)
            except ConnectionError:
                more = b""
            if not more:
                if self.buffer:
                    raise Finding("the connection ends within a PDU")
                raise Ended
            self.buffer += more
        octets, self.buffer = self.buffer[:count], self.buffer[count:]
        return octets

    def _receive(self):
        header = self._read(iscsi.BHS)
        length = int.from_bytes(header[5:8], "big")
        if length > 1 << 20:
            raise Finding("a PDU of %d octets" % length)
        pdu = iscsi.Pdu(header=header, data=b"")
        data = self._read(header[4] * 4 + length + -length % 4)
        pdu.data = data[header[4] * 4:][:length]
        self.transcript.append(("<", header + data))
        return pdu

    def _receive_login(self):
        pdu = self._receive()
        self.unanswered = 0
        if pdu.opcode != iscsi.LOGIN_RSP:
            raise Finding("opcode %#x in the login" % pdu.opcode)
        if pdu.status != "0000":
            self._rejected(pdu)
        if pdu.transit and not self.transit:
            raise Finding("T=1 that was not requested")
        if self.more and (pdu.data or pdu.transit):
            raise Finding("an answer to C=1 that is not empty")
        if (pdu.transit or pdu.csg) and not self.granted:
            raise Finding("authenticated without a proof")
        self.keys = decode(pdu.data)
        self.expstatsn = (pdu.get(">I", 24) + 1) & 0xffffffff
        self.full = pdu.transit and pdu.nsg == 3
        if self.full:
            self.outcome, self.tsih = "in", pdu.get(">H", 14)

    def _rejected(self, pdu):
        self.outcome = pdu.status
        if pdu.status not in STATUSES:
            raise Finding("status " + pdu.status)
        if pdu.data:
            raise Finding("a Login Reject with text")
        self._drain()

    def _drain(self):
        """Read to the end, which must come."""
        try:
            while self.sock.recv(1 << 16):
                pass
        except ConnectionError:
            pass
        raise Ended

    def _end(self):
        if self.plan.waits:
            self._drain()
        if self.plan.end == "shut":
            try:
                self.sock.shutdown(socket.SHUT_WR)
            except OSError:
                raise Ended from None
            self._drain()
        if self.plan.end == "reset":
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                 struct.pack("ii", 1, 0))
        raise Ended
