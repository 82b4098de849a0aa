#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-login as a program, against a target that does as it is told.

    cli.py DIR      the directory with the built program

Prints TAP.
"""
import json
import os
import pty
import select
import subprocess
import sys
import tempfile
import time
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
sys.path.insert(0, os.path.join(HERE, "../../../qemu/tests/lib"))

import iscsi                            # noqa: E402
import srp                              # noqa: E402
import target                           # noqa: E402
from iscsi import to_base64, to_hex     # noqa: E402

LOGIN = os.path.join(sys.argv[1], "iscsi-login")
NAME = "iqn.2024-01.org.example:initiator"
OK, USAGE, DATAERR, NOINPUT, NOHOST, UNAVAILABLE = 0, 64, 65, 66, 68, 69
IOERR, PROTOCOL, NOPERM = 74, 76, 77
SRP_STEPS = ["connect", "AuthMethod", "SRP_U", "SRP_A", "SRP_M", "operational",
             "logout"]

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def expect(got, want):
    if got != want:
        raise AssertionError("got %r, not %r" % (got, want))


def expect_in(part, whole):
    if part not in whole:
        raise AssertionError("%r is not in %r" % (part, whole))


def run(*args, password=b"password123\n", **more):
    """(exit code, standard output, standard error)"""
    more.setdefault("stdout", subprocess.PIPE)
    p = subprocess.run((LOGIN,) + args, input=password, timeout=60,
                       stderr=subprocess.PIPE, check=False, **more)
    return p.returncode, (p.stdout or b"").decode(), p.stderr.decode()


class Tap:
    """A socket that keeps what was received."""

    def __init__(self, sock, kept):
        self.sock, self.kept = sock, kept

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def recv(self, count):
        data = self.sock.recv(count)
        self.kept += data
        return data


class Fake(target.Target):
    """A target on a free port, that keeps what it was sent."""

    port = 0

    def __init__(self, **how):
        self.requests = []
        self.octets = bytearray()       # behind the first request
        super().__init__(**how)
        self.portal = "127.0.0.1:%d" % self.listener.getsockname()[1]

    def choose(self, c):
        recv = c.wire.recv

        def keep():
            pdu = recv()
            self.requests.append(pdu)
            return pdu
        self.requests.append(c.request)
        c.wire.recv = keep
        c.wire.sock = Tap(c.wire.sock, self.octets)
        super().choose(c)


def login(fake, *args, user="alice", **more):
    """A discovery session at the fake target."""
    if user is not None:
        args = ("--user", user) + args
    return run("--initiator", NAME, *args, fake.portal, **more)


def works(fake, *args, **more):
    code, out, err = login(fake, *args, **more)
    if code or err:
        raise AssertionError("%d: %s" % (code, err))
    return out


def report(fake, *args, **more):
    return json.loads(works(fake, "--json", *args, **more))


def fails(code, part, out_of, *args, **more):
    """One line of error that has part, no output, and this exit code."""
    got, out, err = out_of(*args, **more)
    if got != code or part not in err or out or err.count("\n") != 1 or \
            not err.startswith("iscsi-login: "):
        raise AssertionError("code %d, output %r, error %r; wanted %d, %r" % (
            got, out, err, code, part))


def misused(code, part, *args, **more):
    """As fails(), but a hint may follow."""
    got, out, err = run(*args, **more)
    hint = "Try 'iscsi-login --help'.\n" if code == USAGE else ""
    if got != code or part not in err or out or not err.endswith(hint):
        raise AssertionError("%s: code %d, output %r, error %r" % (
            args, got, out, err))


# The command line


@test
def help_and_version():
    code, out, err = run("--help")
    expect((code, err), (OK, ""))
    expect_in("Usage: iscsi-login", out)
    code, out, err = run("--version")
    expect((code, err), (OK, ""))
    expect(out.split()[0], "iscsi-login")


@test
def wrong_arguments():
    base = ("--initiator", NAME, "--user", "alice")
    portal = ("127.0.0.1",)
    for args, part in (
            ((), "PORTAL"),
            (("a", "iqn.b", "c"), "never an argument"),
            (("--method", "SRP") + portal, "'SRP' is neither srp"),
            (("--group", "SRP-1") + portal, "unknown group 'SRP-1'"),
            (("--group", "") + portal, "unknown group ''"),
            (("--group", "SRP-1536,") + portal, "unknown group ''"),
            (("--group", "SRP-1536,SRP-1536") + portal, "SRP-1536 is listed twice"),
            (("--method", "chap", "--chap-alg", "sha3") + portal,
             "'sha3' is neither"),
            (("--method", "chap", "--chap-alg", "md5,md5") + portal,
             "'md5' is there twice"),
            (("--method", "chap", "--group", "SRP-1536") + portal,
             "--group does not go with --method chap"),
            (("--method", "chap", "--one-way") + portal,
             "--one-way does not go with --method chap"),
            (("--chap-alg", "md5") + portal,
             "--chap-alg does not go with --method srp"),
            (("--method", "none") + portal,
             "--user does not go with --method none"),
            (("--repeat", "0") + portal, "--repeat: '0' is not a number from 1"),
            (("--repeat", "1x") + portal, "--repeat: '1x'"),
            (("--repeat", "-1") + portal, "--repeat: '-1'"),
            (("--repeat", "") + portal, "--repeat: ''"),
            (("--repeat", "100001") + portal, "to 100000"),
            (("--parallel", "257") + portal, "from 1 to 256"),
            (("--timeout", "99999999999999999999") + portal, "from 1 to 3600"),
            (("--warm-up", "x") + portal, "from 0 to 100000"),
            (("--warm-up", "") + portal, "from 0 to 100000"),
            (("--warm-up", " 1") + portal, "from 0 to 100000"),
            (("--warm-up", "+1") + portal, "from 0 to 100000"),
            (("",), "host is empty"),
            ((":3260",), "host is empty"),
            (("127.0.0.1:",), "port ''"),
            (("127.0.0.1:0",), "port '0'"),
            (("127.0.0.1:65536",), "port '65536'"),
            (("127.0.0.1:http",), "port 'http'"),
            (("[::1",), "is not [ADDRESS]:PORT"),
            (("[::1]3260",), "is not [ADDRESS]:PORT"),
            (("--nonsense",) + portal, "nonsense")):
        misused(USAGE, part, *(base + args))
    misused(USAGE, "--user is missing", "--initiator", NAME, *portal)
    misused(USAGE, "--password-file does not go with --method none",
            "--initiator", NAME, "--method", "none", "--password-file", "x",
            *portal)


@test
def names_that_cannot_be():
    for user, part in (("", "empty"), ("x" * 256, "longer than 255"),
                       (b"\xff", "not valid UTF-8")):
        misused(DATAERR, "--user is " + part, "--initiator", NAME, "--user", user,
                "127.0.0.1")
    for name, part in (("disk", "begins neither"), ("iqn.a b", "has a space"),
                       ("iqn." + "x" * 220, "longer than 223")):
        misused(DATAERR, "initiator: '%s' %s" % (name, ""), "--initiator",
                name, "--user", "alice", "127.0.0.1")
        misused(DATAERR, part, "--initiator", NAME, "--user", "alice",
                "127.0.0.1", name)


@test
def passwords_that_cannot_be():
    fake = ("--initiator", NAME, "--user", "alice", "127.0.0.1:1")
    for password, part in ((b"", "empty"), (b"\n", "empty"),
                           (b"x" * 1025, "longer than 1024"),
                           (b"\xff\n", "not valid UTF-8")):
        misused(DATAERR, "the password is " + part, *fake, password=password)
    misused(NOINPUT, "/nonexistent: No such file", "--password-file",
            "/nonexistent", *fake)


@test
def password_from_a_file():
    with Fake() as fake, tempfile.NamedTemporaryFile() as file:
        file.write(b"password123\nnot this\n")
        file.flush()
        works(fake, "--password-file", file.name, password=b"wrong\n")


@test
def password_from_a_terminal():
    with Fake() as fake:
        pid, fd = pty.fork()
        if pid == 0:
            os.execl(LOGIN, LOGIN, "--initiator", NAME, "--user", "alice",
                     fake.portal)
        seen = b""
        typed = False
        while select.select([fd], [], [], 10)[0]:
            try:
                more = os.read(fd, 4096)
            except OSError:
                break
            seen += more
            if not typed and b"SRP password of alice: " in seen:
                typed = True
                os.write(fd, b"password123\n")
        os.close(fd)                    # ends it if it still asks
        code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        expect((code, seen if code else b""), (OK, b""))
        expect_in(b"1 login by SRP (SRP-1536, mutual)", seen)
        expect(b"password123" in seen, False)
        expect(b"same again" in seen, False)


@test
def unreachable():
    with Fake() as fake:
        portal = fake.portal
    fails(UNAVAILABLE, portal + ": connect: Connection refused", run,
          "--initiator", NAME, "--method", "none", portal)
    fails(NOHOST, "nonexistent.invalid", run, "--initiator", NAME,
          "--method", "none", "nonexistent.invalid")


# Logins that succeed


@test
def srp_mutual():
    with Fake() as fake:
        out = works(fake)
        expect(fake.ended(), "proved")
        expect_in("1 login by SRP (SRP-1536, mutual)\nlatency: ", out)
        expect([line.split()[0] for line in out.splitlines()[3:]], SRP_STEPS)
        first = fake.requests[0].keys
        expect(first.names(), ["InitiatorName", "SessionType", "AuthMethod"])
        expect(first.get("AuthMethod"), "SRP")
        expect([(r.opcode, r.csg, r.transit, r.nsg) for r in fake.requests],
               [(3, 0, True, 1), (3, 0, False, 0), (3, 0, False, 0),
                (3, 0, True, 1), (3, 1, True, 3), (6, 0, True, 0)])
        expect([r.get(">I", 28) for r in fake.requests], [0, 2, 3, 4, 5, 6])
        expect({r.get(">I", 24) for r in fake.requests}, {1})
        expect(len({r.itt for r in fake.requests[:5]}), 1)
        expect(fake.requests[1].keys.get("TargetAuth"), "Yes")
        expect(fake.requests[4].keys.names(), [
            "HeaderDigest", "DataDigest", "MaxRecvDataSegmentLength",
            "DefaultTime2Wait", "DefaultTime2Retain", "ErrorRecoveryLevel"])


@test
def padding_is_zero():
    with Fake() as fake:
        works(fake)
        padded = b"".join(r.octets() for r in fake.requests[1:])
        expect(bytes(fake.octets), padded)
        expect(any(len(r.data) % 4 for r in fake.requests[1:]), True)


@test
def srp_one_way():
    with Fake() as fake:
        expect_in("(SRP-1536, one-way)", works(fake, "--one-way"))
        expect(fake.requests[1].keys.get("TargetAuth"), "No")


@test
def every_group():
    for group in srp.GROUPS:
        with Fake(groups=(group,)) as fake:
            got = report(fake, "--group", group)
            expect(got["logins"][0]["group"], group)


@test
def groups_in_the_targets_order():
    offer = ("SRP-2048", "Unknown", "SRP-1536", "SRP-768")
    for allowed, want in ((None, "SRP-2048"), ("SRP-768,SRP-1536", "SRP-1536"),
                          ("SRP-768", "SRP-768"),
                          ("SRP-1536,SRP-2048", "SRP-2048")):
        with Fake(groups=offer) as fake:
            args = ("--group", allowed) if allowed else ()
            got = report(fake, "--repeat", "3", *args)
            expect([login["group"] for login in got["logins"]], [want] * 3)
            sent = [r.keys.get("SRP_GROUP") for r in fake.requests]
            expect([group for group in sent if group], [want] * 3)


@test
def A_is_computed_for_the_last_group():
    with Fake(groups=("MODP-8192",)) as fake:
        got = report(fake, "--group", "SRP-768,MODP-8192", "--repeat", "2")
        first, second = [login["steps"][2]["overlap_us"]
                         for login in got["logins"]]
        expect(0 < 4 * first < second, True)


@test
def chap():
    with Fake() as fake:
        fake.method = "CHAP"
        out = works(fake, "--method", "chap", "--chap-alg", "sha256,sha1,md5")
        expect_in("1 login by CHAP\n", out)
        expect(fake.requests[1].keys.get("CHAP_A"), "7,6,5")
        expect(fake.requests[2].keys.names(), ["CHAP_N", "CHAP_R"])
        expect([line.split()[0] for line in out.splitlines()[3:]],
               ["connect", "AuthMethod", "CHAP_A", "CHAP_R", "operational",
                "logout"])
        fails(NOPERM, "CHAP_R: login rejected with status 0201", login, fake,
              "--method", "chap", "--chap-alg", "md5", password=b"wrong\n")
        fails(NOPERM, "CHAP_A: login rejected with status 0201", login, fake,
              "--method", "chap")
        expect(fake.requests[-1].keys.get("CHAP_A"), "7")


@test
def no_authentication():
    with Fake() as fake:
        fake.method = "None"
        out = works(fake, "--method", "none", user=None)
        expect([line.split()[0] for line in out.splitlines()[3:]],
               ["connect", "AuthMethod", "operational", "logout"])


@test
def many():
    with Fake() as fake:
        got = report(fake, "--parallel", "4", "--repeat", "3", "--warm-up", "2")
        logins = got["logins"]
        expect((got["succeeded"], got["failed"], len(logins)), (12, 0, 12))
        expect([login["connection"] for login in logins],
               [n for n in range(4) for _ in range(3)])
        isids = [bytes(r.header[8:14]) for r in fake.requests
                 if r.opcode == iscsi.LOGIN and r.keys.get("AuthMethod")]
        expect((len(isids), len(set(isids))), (20, 20))
        expect({isid[0] for isid in isids}, {0x80})
        times = sorted(login["latency_us"] for login in logins)
        want = {"min": times[0], "median": (times[5] + times[6]) / 2,
                "p99": times[-1], "max": times[-1]}
        for name, value in want.items():
            if abs(got["latency_us"][name] - value) > 0.11:
                raise AssertionError("%s: %r, not %r" % (
                    name, got["latency_us"], want))


@test
def all_warm_up_first():
    class SlowFirst(Fake):
        begins, end = [], None

        def choose(self, c):
            self.begins.append(time.monotonic())
            super().choose(c)

        def B(self, c):
            if c.request.header[8:14] == self.requests[0].header[8:14]:
                time.sleep(1)
                self.end = time.monotonic()
            return super().B(c)
    with SlowFirst() as fake:
        works(fake, "--parallel", "2", "--warm-up", "1")
        expect(len(fake.begins), 4)
        expect(sorted(fake.begins)[2] > fake.end, True)


@test
def failures_are_counted():
    class Moody(Fake):
        turn = 0

        def choose(self, c):
            self.turn += 1
            if self.turn % 2:
                raise target.Reject("0302")
            super().choose(c)
    with Moody() as fake:
        code, out, err = login(fake, "--repeat", "5", "--json")
        got = json.loads(out)
        expect((code, got["succeeded"], got["failed"]), (UNAVAILABLE, 2, 3))
        expect_in("out of resources (3 of 5 logins)\n", err)
        expect(err.count("\n"), 1)
        expect([login["exit_code"] for login in got["logins"]],
               [69, 0, 69, 0, 69])
        expect(got["logins"][0]["latency_us"], None)
        expect_in("status 0302", got["logins"][0]["error"])


@test
def json_of_one():
    with Fake() as fake:
        got = report(fake)
        expect((got["portal"], got["target"], got["method"], got["mutual"],
                got["repeat"], got["parallel"], got["warm_up"]),
               (fake.portal, None, "SRP", True, 1, 1, 0))
        one, = got["logins"]
        expect(one["error"], None)
        expect([step["name"] for step in one["steps"]], SRP_STEPS)
        parts = [step["own_us"] + step["response_us"]
                 for step in one["steps"][:-1]]
        if sum(parts) > one["latency_us"] + 1:
            raise AssertionError("steps %r, together more than %g" % (
                parts, one["latency_us"]))


@test
def times_of_a_slow_target():
    class Slow(Fake):
        def B(self, c):
            time.sleep(0.3)
            return super().B(c)

        def full_feature(self, c, request):
            time.sleep(0.2)
            super().full_feature(c, request)
    with Slow() as fake:
        one, = report(fake)["logins"]
        steps = {step["name"]: step for step in one["steps"]}
        expect(steps["SRP_A"]["response_us"] >= 300000, True)
        expect(steps["logout"]["response_us"] >= 200000, True)
        without = one["latency_us"] - steps["SRP_A"]["response_us"]
        expect(without < 200000, True)
        one, = report(fake, "--count-logout")["logins"]
        expect(one["latency_us"] >= 500000, True)


@test
def overlap_is_told_from_the_answer():
    # The first A, of 8192 bits, takes longer than the target to answer
    with Fake(groups=("MODP-8192",)) as fake:
        for _ in range(10):
            one, = report(fake, "--group", "MODP-8192")["logins"]
            step = one["steps"][2]
            if step["response_us"] < step["overlap_us"] / 2:
                expect(one["steps"][3]["own_us"] > step["overlap_us"] / 2, True)
                return
    raise AssertionError("never was an answer there before A: %r" % step)


# What a target may do


@test
def values_in_every_form():
    class Forms(Fake):
        encode = staticmethod(to_hex)

        def offer(self, c):
            return [("SRP_GROUP", "SRP-1536"), ("SRP_s", self.encode(self.salt))]

        def B(self, c):
            return [("SRP_B", self.encode(srp.octets(c.server.B)))]

        def HM(self, c):
            return [("SRP_HM", self.encode(c.server.HM))]
    with Forms() as fake:
        for fake.encode in (to_base64, lambda v: "0X" + v.hex().upper()):
            works(fake)
        # A number may have zero octets in front; a salt has what it has
        fake.encode = lambda v: to_hex(v if len(v) <= 20 else b"\0\0" + v)
        works(fake)
        fake.salt, fake.encode = b"\0" * 20, to_hex
        works(fake)
        fake.salt = b"x" * 1024
        works(fake)


@test
def split_answers():
    def splitting(size):
        class Split(Fake):
            def choose(self, c):
                whole = c.respond

                def respond(keys=(), transit=False, **how):
                    data = iscsi.encode_text(keys)
                    while len(data) > size:
                        send_part(c, data[:size], iscsi.CONTINUE)
                        data = data[size:]
                        c.request = c.wire.recv()
                        expect((c.request.data, c.request.transit), (b"", False))
                    whole(data=data, transit=transit and c.request.transit,
                          **how)
                c.respond = respond
                super().choose(c)
        return Split
    # The longest answer, SRP_B, must fit the number of steps
    for size in (64, 91, 1000):
        with splitting(size)() as fake:
            steps = report(fake)["logins"][0]["steps"]
            expect("continue" in [step["name"] for step in steps], size < 1000)


def send_part(c, data, flags):
    """A Login Response of a fake target's, with these flags."""
    pdu = iscsi.Pdu(iscsi.LOGIN_RSP, flags | c.request.csg << 2, data,
                    c.request.itt)
    pdu.header[8:14] = c.request.header[8:14]
    pdu.put(">I", 24, c.statsn)
    c.statsn += 1
    c.wire.send(pdu)


@test
def late_transit():
    class Late(Fake):
        def proof_step(self, c):
            c.recv()
            c.respond(self.HM(c))
            c.recv()
            expect(c.keys.names(), [])
            c.respond(transit=True)
    with Late() as fake:
        steps = report(fake)["logins"][0]["steps"]
        expect([step["name"] for step in steps][4:], [
            "SRP_M", "transit", "operational", "logout"])


@test
def keys_of_the_targets_are_answered():
    class Proposing(Fake):
        answers = None

        def after(self, c):
            c.respond([("TargetAlias", "x"), ("MaxRecvDataSegmentLength", "512"),
                       ("HeaderDigest", "None"), ("MaxBurstLength", "512"),
                       ("X-org.example.Key", "1")])
            self.answers = c.recv()
            super().after(c)
    with Proposing() as fake:
        works(fake)
        expect(list(fake.answers), [("MaxBurstLength", "Irrelevant"),
                                    ("X-org.example.Key", "NotUnderstood")])


@test
def normal_session():
    class Normal(Fake):
        def after(self, c):
            c.discovery = True
            super().after(c)
    with Normal() as fake:
        code, _, err = run("--initiator", NAME, "--user", "alice", fake.portal,
                           "iqn.2024-01.org.example:disk")
        expect((code, err), (OK, ""))
        keys = fake.requests[0].keys
        expect(keys.get("TargetName"), "iqn.2024-01.org.example:disk")
        expect(keys.get("SessionType"), "Normal")
        expect_in("MaxBurstLength", fake.requests[4].keys.names())


@test
def other_pdus_before_the_logout_response():
    class Chatty(Fake):
        def full_feature(self, c, request):
            c.wire.sock.sendall(b"".join(
                iscsi.Pdu(opcode, iscsi.FINAL, b"x").octets()
                for opcode in (iscsi.NOP_IN, 0x32, iscsi.LOGOUT_RSP)))
    with Chatty() as fake:
        works(fake)


# What it must not


def refused(cls, part, code=PROTOCOL, args=(), ended="closed"):
    with cls() as fake:
        fails(code, part, login, fake, *args)
        if ended:
            expect(fake.ended(), ended)


def step(name, function):
    """A target with another function for one step."""
    return type("Fake", (Fake,), {name: function})


def B(value):
    return step("B", lambda self, c: [("SRP_B", value)])


def offer(*keys):
    return step("offer", lambda self, c: list(keys))


N = srp.GROUPS["SRP-1536"][0]
GROUP, SALT = ("SRP_GROUP", "SRP-1536"), ("SRP_s", "0x00")


@test
def wrong_proof_of_the_target():
    for change in (lambda HM: HM[:-1] + bytes([HM[-1] ^ 1]),
                   lambda HM: bytes([HM[0] ^ 128]) + HM[1:],
                   lambda HM: HM[:-1], lambda HM: HM + b"\0",
                   lambda HM: b"\0" * 20):
        refused(step("HM", lambda self, c, change=change: [
            ("SRP_HM", to_hex(change(c.server.HM)))]),
            "SRP_M: the target's SRP_HM is wrong")
    refused(step("HM", lambda self, c: []), "SRP_HM is missing")
    refused(step("HM", lambda self, c: [("SRP_HM", "12")]),
            "SRP_HM begins neither")
    refused(step("HM", lambda self, c: [("SRP_HM", to_hex(c.server.HM))]),
            "SRP_HM is not due here", args=("--one-way",))


@test
def bad_B():
    zero_u, = srp.vectors["zero_u"]
    for value, part in ((to_hex(b"\0"), "is 0"),
                        (to_hex(b"\0" * 192), "is 0"),
                        (to_hex(srp.octets(N)), "is not less than"),
                        (to_hex(srp.octets(2 * N)), "is not less than"),
                        (to_hex(b"\xff" * 1024), "is not less than"),
                        ("0x" + "00" * 1025, "is longer than 1024"),
                        ("", "begins neither"), ("0x", "has no digits"),
                        ("123", "begins neither"),
                        ("0xfg", "has a character that is no hexadecimal")):
        refused(B(value), "SRP_A: the target's SRP_B " + part)

    class ZeroU(Fake):
        def ephemeral_step(self, c):
            c.recv()
            c.respond([("SRP_B", to_hex(bytes.fromhex(zero_u["B"])))])
    with ZeroU(groups=("SRP-768",)) as fake:
        fails(PROTOCOL, "SRP_B makes u = 0", login, fake, "--group", "SRP-768")
    refused(step("B", lambda self, c: []), "SRP_B is missing")


@test
def bad_offer():
    for keys, part in (([SALT], "SRP_GROUP is missing"),
                       ([GROUP], "SRP_s is missing"),
                       ([GROUP, ("SRP_s", "")], "SRP_s begins neither"),
                       ([GROUP, ("SRP_s", "0x" + "1" * 2049)],
                        "SRP_s is longer than 1024"),
                       ([GROUP, SALT, ("SRP_N", "0x17")],
                        "SRP_N is not due here"),
                       ([GROUP, SALT, ("SRP_B", "0x17")],
                        "SRP_B is not due here"),
                       ([GROUP, SALT, ("CHAP_A", "5")],
                        "CHAP_A is not due here"),
                       ([GROUP, SALT, ("AuthMethod", "SRP")],
                        "AuthMethod is not due here"),
                       ([GROUP, SALT, SALT], "a key is there twice")):
        refused(offer(*keys), part)
    for groups in ("SRP-1024", "", ",", "srp-1536", "SRP-15366", "SRP-1536 "):
        refused(offer(("SRP_GROUP", groups), SALT),
                "the target offers %s, and none" % groups, UNAVAILABLE)


@test
def bad_methods():
    for method, part, code in (("Reject", "does not take SRP", NOPERM),
                               ("None", "chose None", PROTOCOL),
                               ("CHAP", "chose CHAP", PROTOCOL),
                               ("SRP,CHAP", "chose SRP,CHAP", PROTOCOL),
                               ("", "chose , which", PROTOCOL),
                               ("srp", "chose srp", PROTOCOL)):
        refused(step("choose", lambda self, c, method=method: c.respond(
            [("AuthMethod", method)])), part, code)
    refused(step("choose", lambda self, c: c.respond()),
            "AuthMethod is missing")


@test
def transit_too_early():
    early = "T bit ends the authentication too early"
    unasked = "has the T bit, which the request had not"
    refused(step("choose", lambda self, c: c.respond(
        [("AuthMethod", "SRP")], transit=True)), early)
    refused(step("choose", lambda self, c: c.respond(
        [("AuthMethod", "None")], transit=True)), "chose None")
    refused(step("choose", lambda self, c: c.respond(transit=True)),
            "AuthMethod is missing")

    class EarlyOffer(Fake):
        def user_step(self, c):
            c.recv()
            c.respond(self.offer(c), transit=True)

    class EarlyB(Fake):
        def ephemeral_step(self, c):
            respond = c.respond
            c.respond = lambda keys: respond(keys, transit=True)
            super().ephemeral_step(c)
    refused(EarlyOffer, unasked)
    refused(EarlyB, unasked)

    class EarlyChap(Fake):
        method = "CHAP"

        def chap(self, c):
            c.recv()
            c.respond(transit=True)
            c.recv()
    refused(EarlyChap, unasked, args=("--method", "chap"))


@test
def bad_chap():
    good = {"CHAP_A": "7", "CHAP_I": "1", "CHAP_C": "0x00"}
    for change, part in (({"CHAP_A": "5"}, "CHAP_A was not offered"),
                         ({"CHAP_A": "7,6"}, "CHAP_A was not offered"),
                         ({"CHAP_A": ""}, "CHAP_A was not offered"),
                         ({"CHAP_I": "256"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": "0x100"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": ""}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": "-1"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_C": "x"}, "CHAP_C begins neither"),
                         ({"CHAP_R": "0x00"}, "CHAP_R is not due"),
                         ({"CHAP_C": None}, "CHAP_C is missing")):
        class BadChap(Fake):
            method = "CHAP"

            def chap(self, c, keys={**good, **change}):
                c.recv()
                c.respond([(k, v) for k, v in keys.items() if v is not None])
                c.recv()
        refused(BadChap, part, args=("--method", "chap"))


@test
def bad_headers():
    def changed(change):
        class Changed(Fake):
            def choose(self, c):
                send = c.wire.send

                def spoil(pdu):
                    change(pdu)
                    send(pdu)
                c.wire.send = spoil
                super().choose(c)
        return Changed

    def put(at, value):
        def change(pdu):
            pdu.header[at] = value
        return change
    for at, value, part in ((0, 0x26, "is no Login Response"),
                            (0, 0x3f, "is no Login Response"),
                            (1, 0x04, "is of another stage"),
                            (1, 0xc1, "both the T bit and the C bit"),
                            (1, 0x83, "goes on with another stage"),
                            (3, 1, "another version"),
                            (8, 0x40, "another ISID"), (13, None, "another ISID"),
                            (16, 0xff, "another ISID or Initiator Task Tag")):
        def change(pdu, at=at, value=value):
            pdu.header[at] = pdu.header[at] ^ 1 if value is None else value
        refused(changed(change), "AuthMethod: the target's answer " +
                ("has " if part.startswith(("both", "another")) else "") + part)

    def no_text(pdu):
        pdu.data = b""
        pdu.header[1] = iscsi.CONTINUE
    refused(changed(no_text), "has the C bit, and no text")

    def raw(length, ahs=0):
        class Raw(Fake):
            def choose(self, c):
                header = bytearray(48)
                header[0], header[4] = iscsi.LOGIN_RSP, ahs
                header[5:8] = length.to_bytes(3, "big")
                c.wire.sock.sendall(header + bytes(200))
                c.recv()
        return Raw
    refused(raw(8193), "8193 octets of data, more than the 8192")
    refused(raw(0xffffff), "16777215 octets of data")
    refused(raw(0, 1), "additional header segment")


@test
def bad_text():
    def raw(data, flags=0):
        return step("choose", lambda self, c: (
            send_part(c, data, flags), c.recv()))
    refused(raw(b"AuthMethod=SRP"), "malformed: the last pair does not end")
    refused(raw(b"AuthMethod\0"), "malformed: a pair has no '='")
    refused(raw(b"AuthMethod=SRP\0\0"), "malformed: a pair has no '='")

    class Endless(Fake):
        def choose(self, c):
            while True:
                send_part(c, b"x" * self.size, iscsi.CONTINUE)
                c.recv()
    Endless.size = 8192
    refused(Endless, "more than 16384 octets of text")
    Endless.size = 1
    refused(Endless, "does not come to an end")


@test
def endless_negotiation():
    class Endless(Fake):
        def after(self, c):
            while True:
                c.respond()
                c.recv()
    refused(Endless, "does not come to an end", ended="proved")

    class Flood(Fake):
        def after(self, c):
            data = iscsi.encode_text([("K%d" % n, "") for n in range(1600)])
            for start in range(0, 8000, 4000):
                send_part(c, data[start:start + 4000], iscsi.CONTINUE)
                c.recv()
            c.respond(data=data[8000:])
            c.recv()
    refused(Flood, "the request has more than 8192 octets", 70, ended="proved")

    class FloodOnce(Flood):
        flooded = False

        def after(self, c):
            if self.flooded:
                return Fake.after(self, c)
            self.flooded = True
            return super().after(c)
    with FloodOnce() as fake:
        code, out, err = login(fake, "--repeat", "2")
        expect(code, 70)
        expect_in("(1 of 2 logins)", err)
        expect_in("1 login by SRP", out)


@test
def bad_operational():
    for keys, how, part in (
            ([("HeaderDigest", "CRC32C")], {}, "does not agree to HeaderDigest=None"),
            ([("DataDigest", "Reject")], {}, "does not agree to DataDigest=None"),
            ([], {"transit": True}, "ends the login without a TSIH"),
            ([], {"status": "0203"}, "no such target here")):
        class Bad(Fake):
            def after(self, c, keys=keys, how=how):
                c.respond(keys, **how)
                c.recv()
        refused(Bad, "operational: ", UNAVAILABLE if "status" in how else
                PROTOCOL, ended="proved")
        refused(Bad, part, UNAVAILABLE if "status" in how else PROTOCOL,
                ended="proved")


@test
def rejects():
    for status, code in (("0201", NOPERM), ("0202", NOPERM),
                         ("0200", PROTOCOL), ("0207", PROTOCOL),
                         ("0203", UNAVAILABLE), ("0300", UNAVAILABLE),
                         ("0301", UNAVAILABLE), ("0302", UNAVAILABLE),
                         ("0299", PROTOCOL)):
        refused(step("choose", lambda self, c, status=status: c.respond(
            status=status)), "AuthMethod: login rejected with status %s: " %
            status, code)
    with Fake() as fake:
        fails(NOPERM, "SRP_M: login rejected with status 0201: authentication "
              "failure", login, fake, password=b"wrong\n")
        fails(NOPERM, "SRP_U: login rejected with status 0202: authorization "
              "failure", login, fake, user="bob")


@test
def moved():
    for address in ("192.0.2.1:3260,1", "\x1b[31m\x07"):
        refused(step("choose", lambda self, c, address=address: c.respond(
            [("TargetAddress", address)], status="0101")),
            "the target has moved temporarily to " +
            address.replace("\x1b", "?").replace("\x07", "?"), UNAVAILABLE)
    refused(step("choose", lambda self, c: c.respond(
        data=b"junk", status="0102")), "has moved permanently\n", UNAVAILABLE)


@test
def closed_connections():
    def close(self, c):
        c.recv()
        c.wire.sock.close()
        raise iscsi.Closed
    for name, at in (("user_step", "SRP_U"), ("ephemeral_step", "SRP_A"),
                     ("proof_step", "SRP_M")):
        refused(step(name, close), at + ": the target closed the connection")

    def half(self, c):
        c.wire.sock.sendall(bytes([iscsi.LOGIN_RSP]) + bytes(20))
        raise iscsi.Closed
    refused(step("choose", half), "AuthMethod: the target closed")


@test
def silence():
    class Silent(Fake):
        def choose(self, c):
            c.recv()
    begin = time.monotonic()
    refused(Silent, "AuthMethod: no answer in time", UNAVAILABLE,
            ("--timeout", "1"))
    expect(0.9 < time.monotonic() - begin < 10, True)


@test
def bad_logout():
    class Busy(Fake):
        def full_feature(self, c, request):
            c.wire.send(iscsi.Pdu(iscsi.LOGOUT_RSP, iscsi.FINAL))

    class Refusing(Busy):
        def full_feature(self, c, request):
            pdu = iscsi.Pdu(iscsi.LOGOUT_RSP, iscsi.FINAL)
            pdu.header[2] = 1
            c.wire.send(pdu)

    class Other(Busy):
        def full_feature(self, c, request):
            c.wire.send(iscsi.Pdu(iscsi.TEXT_RSP, iscsi.FINAL))
    with Busy() as fake:
        works(fake)
    refused(Refusing, "does not close the session (response 1)",
            ended="proved")
    refused(Other, "logout: the target's answer is no Logout Response",
            ended="proved")


# Secrets


@test
def password_is_nowhere_to_be_seen():
    class Slow(Fake):
        def B(self, c):
            time.sleep(1)
            return super().B(c)
    with Slow() as fake, subprocess.Popen(
            [LOGIN, "--initiator", NAME, "--user", "alice", fake.portal],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE) as program:
        program.stdin.write(b"password123\n")
        program.stdin.close()
        while len(fake.requests) < 3:
            time.sleep(0.01)
        with open("/proc/%d/task/%d/children" % (program.pid, program.pid),
                  encoding="ascii") as file:
            children = file.read().split()
        expect(len(children), 1)
        for pid in [str(program.pid)] + children:
            for name in ("cmdline", "environ"):
                with open("/proc/%s/%s" % (pid, name), "rb") as file:
                    expect(b"password123" in file.read(), False)
            with open("/proc/%s/limits" % pid, encoding="ascii") as file:
                limits = [line.split()[4:6] for line in file
                          if line.startswith("Max core file size")]
            expect(limits, [["0", "0"]])
            # Not dumpable: what it has belongs to root
            expect(os.stat("/proc/%s/mem" % pid).st_uid, 0)
            with open("/proc/%s/status" % pid, encoding="utf-8") as file:
                locked = [int(line.split()[1]) for line in file
                          if line.startswith("VmLck:")]
            # AddressSanitizer does not let mlock(2) through
            expect(locked[0] > 0, "ASAN_OPTIONS" not in os.environ)
        program.stdout.read()
    expect(program.returncode, OK)


@test
def killed_process_is_told():
    class Stuck(Fake):
        def choose(self, c):
            c.recv()
    with Stuck() as fake, subprocess.Popen(
            [LOGIN, "--initiator", NAME, "--method", "none", "--parallel", "3",
             fake.portal], stdin=subprocess.DEVNULL,
            stderr=subprocess.PIPE) as program:
        children = []
        while len(children) < 3:
            time.sleep(0.01)
            with open("/proc/%d/task/%d/children" % (program.pid, program.pid),
                      encoding="ascii") as file:
                children = file.read().split()
        begin = time.monotonic()
        os.kill(int(children[1]), 9)
        err = program.stderr.read()
    # The others have not waited for an answer first
    expect(time.monotonic() - begin < 10, True)
    expect(program.returncode, 70)
    expect_in(b"ended by signal 9", err)


@test
def full_device():
    with Fake() as fake, open("/dev/full", "wb") as full:
        code, _, err = login(fake, stdout=full)
        expect(code, IOERR)
        expect_in("standard output: No space left", err)


def main():
    failed = 0
    os.environ["LC_ALL"] = "C.UTF-8"
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        try:
            function()
            print("ok %d - %s" % (number, function.__name__))
        except (AssertionError, OSError, ValueError, KeyError, IndexError,
                subprocess.SubprocessError):
            failed += 1
            print("not ok %d - %s" % (number, function.__name__))
            print("# " + "\n# ".join(traceback.format_exc().splitlines()))
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
