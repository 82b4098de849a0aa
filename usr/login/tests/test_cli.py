# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-login as a program, against a fake target"""
import json
import os
import subprocess
import sys
import time

import programs
from programs import on_terminal

sys.path.insert(0, os.path.join(programs.HERE, "../../../qemu/tests/lib"))

import iscsi                            # noqa: E402
import srp                              # noqa: E402
import target                           # noqa: E402
from iscsi import to_base64, to_hex     # noqa: E402

LOGIN = os.path.join(os.environ["BUILT"], "iscsi-login")
NAME = "iqn.2024-01.org.example:initiator"
OK, USAGE, DATAERR, NOHOST, UNAVAILABLE = 0, 64, 65, 68, 69
IOERR, PROTOCOL, NOPERM = 74, 76, 77
SRP_STEPS = ["connect", "AuthMethod", "SRP_U", "SRP_A", "SRP_M", "operational",
             "logout"]


def run(*args, password=b"password123\n", **more):
    """(exit code, standard output, standard error)"""
    code, out, err = programs.run(LOGIN, *args, stdin=password, **more)
    return code, (out or b"").decode(), err


def steps_of(out):
    """Names of the steps in a report"""
    return [line.split()[0] for line in out.splitlines()[3:]]


class Tap:
    """A socket that keeps a copy of what was received"""

    def __init__(self, sock, kept):
        self.sock, self.kept = sock, kept

    def __getattr__(self, name):
        return getattr(self.sock, name)

    def recv(self, count):
        data = self.sock.recv(count)
        self.kept += data
        return data


class Fake(target.Target):
    """A target on a free port that keeps what it received"""

    port = 0

    def __init__(self, **how):
        self.requests = []
        self.bytes = bytearray()        # after the first request
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
        c.wire.sock = Tap(c.wire.sock, self.bytes)
        super().choose(c)


def login(fake, *args, user="alice", **more):
    """Open a discovery session at the fake target"""
    if user is not None:
        args = ("--user", user) + args
    return run("--initiator", NAME, *args, fake.portal, **more)


def works(fake, *args, **more):
    code, out, err = login(fake, *args, **more)
    assert (code, err) == (0, "")
    return out


def report(fake, *args, **more):
    return json.loads(works(fake, "--json", *args, **more))


def fails(code, part, out_of, *args, **more):
    """It ends with code, one line of error that has part, and no output"""
    got, out, err = out_of(*args, **more)
    assert (got, out, err.count("\n")) == (code, "", 1), err
    assert err.startswith("iscsi-login: ")
    assert part in err


def misused(code, part, *args, **more):
    """The same, but a hint may follow"""
    got, out, err = run(*args, **more)
    assert (got, out) == (code, ""), err
    assert part in err
    if code == USAGE:
        assert err.endswith("Try 'iscsi-login --help'.\n")


# The command line


def test_help_and_version():
    code, out, err = run("--help")
    assert (code, err) == (OK, "")
    assert "Usage: iscsi-login" in out
    code, out, err = run("--version")
    assert (code, err) == (OK, "")
    assert out.split()[0] == "iscsi-login"


def test_wrong_arguments():
    base = ("--initiator", NAME, "--user", "alice")
    portal = ("127.0.0.1",)
    for args, part in (
            ((), "PORTAL"),
            (("a", "iqn.b", "c"), "never an argument"),
            (("--method", "SRP") + portal, "'SRP' is not srp"),
            (("--group", "SRP-1") + portal, "unknown group 'SRP-1'"),
            (("--group", "") + portal, "unknown group ''"),
            (("--group", "SRP-1536,") + portal, "unknown group ''"),
            (("--group", "SRP-1536,SRP-1536") + portal, "SRP-1536 is listed twice"),
            (("--method", "chap", "--group", "SRP-1536") + portal,
             "--group cannot be used with --method chap"),
            (("--method", "chap", "--one-way") + portal,
             "--one-way cannot be used with --method chap"),
            (("--method", "none") + portal,
             "--user cannot be used with --method none"),
            (("--repeat", "0") + portal, "--repeat: '0' is not a number from 1"),
            (("--repeat", "1x") + portal, "--repeat: '1x'"),
            (("--repeat", "-1") + portal, "--repeat: '-1'"),
            (("--repeat", "") + portal, "--repeat: ''"),
            (("--repeat", "100001") + portal, "to 100000"),
            (("--parallel", "257") + portal, "from 1 to 256"),
            (("--rate", "0") + portal, "from 1 to 100000"),
            (("--begin-at", "-1") + portal, "--begin-at: '-1'"),
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
    misused(USAGE, "--user is required", "--initiator", NAME, *portal)


def test_bad_names():
    for user, part in (("", "empty"), ("x" * 256, "longer than 255"),
                       (b"\xff", "not valid UTF-8")):
        misused(DATAERR, "--user is " + part, "--initiator", NAME, "--user", user,
                "127.0.0.1")
    for name, part in (("disk", "does not begin with"), ("iqn.a b", "contains a space"),
                       ("iqn." + "x" * 220, "longer than 223")):
        misused(DATAERR, "initiator: '%s' %s" % (name, ""), "--initiator",
                name, "--user", "alice", "127.0.0.1")
        misused(DATAERR, part, "--initiator", NAME, "--user", "alice",
                "127.0.0.1", name)


def test_bad_passwords():
    fake = ("--initiator", NAME, "--user", "alice", "127.0.0.1:1")
    for password, part in ((b"", "empty"), (b"\n", "empty"),
                           (b"x" * 256, "longer than 255"),
                           (b"\xff\n", "not valid UTF-8")):
        misused(DATAERR, "the password is " + part, *fake, password=password)


def test_password_is_the_first_line():
    with Fake() as fake:
        works(fake, password=b"password123\nnot this\n")


def test_password_from_a_terminal():
    with Fake() as fake:
        status, seen = on_terminal(
            [LOGIN, "--initiator", NAME, "--user", "alice", fake.portal],
            [(b"SRP password of alice: ", b"password123\n")])
        assert status == 0, seen
        assert b"1 login with SRP (SRP-1536, mutual)" in seen
        assert b"password123" not in seen
        assert seen.count(b"assword") == 1


def test_unreachable():
    with Fake() as fake:
        portal = fake.portal
    fails(UNAVAILABLE, portal + ": connect: Connection refused", run,
          "--initiator", NAME, "--method", "none", portal)
    fails(NOHOST, "nonexistent.invalid", run, "--initiator", NAME,
          "--method", "none", "nonexistent.invalid")


# Logins that succeed


def test_srp_mutual():
    with Fake() as fake:
        out = works(fake)
        assert fake.ended() == "proved"
        assert "1 login with SRP (SRP-1536, mutual)\nlatency: " in out
        assert steps_of(out) == SRP_STEPS
        first = fake.requests[0].keys
        assert first.names() == ["InitiatorName", "SessionType", "AuthMethod"]
        assert first.get("AuthMethod") == "SRP"
        assert [(r.opcode, r.csg, r.transit, r.nsg) for r in fake.requests] == [
            (3, 0, True, 1), (3, 0, False, 0), (3, 0, False, 0),
            (3, 0, True, 1), (3, 1, True, 3), (6, 0, True, 0)]
        assert [r.get(">I", 28) for r in fake.requests] == [0, 2, 3, 4, 5, 6]
        assert {r.get(">I", 24) for r in fake.requests} == {1}
        assert len({r.itt for r in fake.requests[:5]}) == 1
        assert fake.requests[1].keys.get("TargetAuth") == "Yes"
        assert fake.requests[4].keys.names() == [
            "HeaderDigest", "DataDigest", "MaxRecvDataSegmentLength",
            "DefaultTime2Wait", "DefaultTime2Retain", "ErrorRecoveryLevel"]


def test_padding_is_zero():
    with Fake() as fake:
        works(fake)
        padded = b"".join(r.octets() for r in fake.requests[1:])
        assert bytes(fake.bytes) == padded
        assert any(len(r.data) % 4 for r in fake.requests[1:])


def test_srp_one_way():
    with Fake() as fake:
        assert "(SRP-1536, one-way)" in works(fake, "--one-way")
        assert fake.requests[1].keys.get("TargetAuth") == "No"


def test_every_group():
    for group in srp.GROUPS:
        with Fake(groups=(group,)) as fake:
            got = report(fake, "--group", group)
            assert got["logins"][0]["group"] == group


def test_groups_in_the_targets_order():
    offer = ("SRP-2048", "Unknown", "SRP-1536", "SRP-768")
    for allowed, want in ((None, "SRP-2048"), ("SRP-768,SRP-1536", "SRP-1536"),
                          ("SRP-768", "SRP-768"),
                          ("SRP-1536,SRP-2048", "SRP-2048")):
        with Fake(groups=offer) as fake:
            args = ("--group", allowed) if allowed else ()
            got = report(fake, "--repeat", "3", *args)
            assert [login["group"] for login in got["logins"]] == [want] * 3
            sent = [r.keys.get("SRP_GROUP") for r in fake.requests]
            assert [group for group in sent if group] == [want] * 3


def test_A_is_computed_for_the_last_group():
    with Fake(groups=("MODP-8192",)) as fake:
        got = report(fake, "--group", "SRP-768,MODP-8192", "--repeat", "2")
        assert [login["precomputed_group"] for login in got["logins"]] == [
            "SRP-768", "MODP-8192"]
        assert all(login["steps"][2]["overlap_us"] > 0
                   for login in got["logins"])


def test_chap():
    with Fake() as fake:
        fake.method = "CHAP"
        out = works(fake, "--method", "chap")
        assert "1 login with CHAP\n" in out
        assert fake.requests[1].keys.get("CHAP_A") == "7"
        assert fake.requests[2].keys.names() == ["CHAP_N", "CHAP_R"]
        assert steps_of(out) == ["connect", "AuthMethod", "CHAP_A", "CHAP_R",
                                 "operational", "logout"]
        fails(NOPERM, "CHAP_R: login rejected with status 0201", login, fake,
              "--method", "chap", password=b"wrong\n")


def test_no_authentication():
    with Fake() as fake:
        fake.method = "None"
        out = works(fake, "--method", "none", user=None)
        assert steps_of(out) == ["connect", "AuthMethod", "operational",
                                 "logout"]


def test_many():
    with Fake() as fake:
        got = report(fake, "--parallel", "4", "--repeat", "3", "--warm-up", "2")
        logins = got["logins"]
        assert (got["succeeded"], got["failed"], len(logins)) == (12, 0, 12)
        assert [login["connection"] for login in logins] == [
            n for n in range(4) for _ in range(3)]
        isids = [bytes(r.header[8:14]) for r in fake.requests
                 if r.opcode == iscsi.LOGIN and r.keys.get("AuthMethod")]
        assert (len(isids), len(set(isids))) == (20, 20)
        assert {isid[0] for isid in isids} == {0x80}
        times = sorted(login["latency_us"] for login in logins)
        want = {"min": times[0], "median": (times[5] + times[6]) / 2,
                "p99": times[-1], "max": times[-1]}
        for name, value in want.items():
            if abs(got["latency_us"][name] - value) > 0.11:
                raise AssertionError("%s: %r, not %r" % (
                    name, got["latency_us"], want))


def test_all_warm_up_first():
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
        assert len(fake.begins) == 4
        assert sorted(fake.begins)[2] > fake.end


def test_rate():
    with Fake() as fake:
        start = time.monotonic()
        got = report(fake, "--parallel", "2", "--repeat", "3", "--rate", "10")
        # the turn of the last of six is half a second after that of the first
        assert time.monotonic() - start > 0.5
        assert (got["rate"], got["succeeded"]) == (10, 6)


def test_begin_at():
    with Fake() as fake:
        at = int(time.monotonic()) + 2
        got = report(fake, "--parallel", "2", "--begin-at", str(at))
        assert min(login["begin_us"] for login in got["logins"]) >= at * 1e6
        # a second that has passed
        works(fake, "--begin-at", "0")


def test_begins_are_on_the_monotonic_clock():
    with Fake() as fake:
        start = time.monotonic()
        begins = [login["begin_us"] / 1e6
                  for login in report(fake, "--repeat", "3")["logins"]]
        assert start < begins[0] < begins[1] < begins[2] < time.monotonic()


def test_cpu_time_of_the_program():
    class Slow(Fake):
        def B(self, c):
            time.sleep(1)
            return super().B(c)
    with Slow() as fake:
        one, = report(fake)["logins"]
        # it computes, and it does not compute while it waits
        assert 0 < one["cpu_us"] < one["latency_us"] - 500000


def test_failures_are_counted():
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
        assert (code, got["succeeded"], got["failed"]) == (UNAVAILABLE, 2, 3)
        assert "out of resources (3 of 5 logins)\n" in err
        assert err.count("\n") == 1
        assert [login["exit_code"] for login in got["logins"]] == [69, 0, 69, 0, 69]
        assert got["logins"][0]["latency_us"] is None
        assert "status 0302" in got["logins"][0]["error"]


def test_json_of_one():
    with Fake() as fake:
        got = report(fake)
        assert (got["portal"], got["target"], got["method"], got["mutual"],
                got["repeat"], got["parallel"], got["rate"], got["warm_up"]) == (
                    fake.portal, None, "SRP", True, 1, 1, None, 0)
        one, = got["logins"]
        assert one["error"] is None
        assert [step["name"] for step in one["steps"]] == SRP_STEPS
        parts = [step["own_us"] + step["response_us"]
                 for step in one["steps"][:-1]]
        if sum(parts) > one["latency_us"] + 1:
            raise AssertionError("steps %r, together more than %g" % (
                parts, one["latency_us"]))


def test_times_of_a_slow_target():
    class Slow(Fake):
        def B(self, c):
            time.sleep(0.3)
            return super().B(c)

        def full_feature(self, c, request):
            self.logout_us = time.monotonic() * 1e6
            time.sleep(0.2)
            super().full_feature(c, request)
    with Slow() as fake:
        one, = report(fake)["logins"]
        steps = {step["name"]: step for step in one["steps"]}
        assert steps["SRP_A"]["response_us"] >= 300000
        assert steps["logout"]["response_us"] >= 200000
        # No step includes the wait of another one
        assert sum(step["own_us"] + step["response_us"]
                   for step in one["steps"][:-1]) <= one["latency_us"] + 1
        # The latency ends before the logout
        assert one["begin_us"] + one["latency_us"] <= fake.logout_us


def test_overlap_is_separate_from_the_response():
    # The first A, of 8192 bits, takes longer than the target to answer
    with Fake(groups=("MODP-8192",)) as fake:
        for _ in range(10):
            one, = report(fake, "--group", "MODP-8192")["logins"]
            step = one["steps"][2]
            if step["response_us"] < step["overlap_us"] / 2:
                assert one["steps"][3]["own_us"] > step["overlap_us"] / 2
                return
    raise AssertionError("no response arrived before A was computed: %r" % step)


# What a target may send


def test_values_in_every_form():
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
        # Leading zero bytes do not change a number, but are part of a salt
        fake.encode = lambda v: to_hex(v if len(v) <= 20 else b"\0\0" + v)
        works(fake)
        fake.salt, fake.encode = b"\0" * 20, to_hex
        works(fake)
        fake.salt = b"x" * 1024
        works(fake)


def test_split_responses():
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
                        assert (c.request.data, c.request.transit) == (b"", False)
                    whole(data=data, transit=transit and c.request.transit,
                          **how)
                c.respond = respond
                super().choose(c)
        return Split
    # The longest response, SRP_B, must not need too many steps
    for size in (64, 91, 1000):
        with splitting(size)() as fake:
            steps = report(fake)["logins"][0]["steps"]
            assert ("continue" in [step["name"] for step in steps]) == (size < 1000)


def send_part(c, data, flags):
    """Send a Login Response from a fake target"""
    pdu = iscsi.Pdu(iscsi.LOGIN_RSP, flags | c.request.csg << 2, data,
                    c.request.itt)
    pdu.header[8:14] = c.request.header[8:14]
    pdu.put(">I", 24, c.statsn)
    c.statsn += 1
    c.wire.send(pdu)


def test_late_transit():
    class Late(Fake):
        def proof_step(self, c):
            c.recv()
            c.respond(self.HM(c))
            c.recv()
            assert c.keys.names() == []
            c.respond(transit=True)
    with Late() as fake:
        steps = report(fake)["logins"][0]["steps"]
        assert [step["name"] for step in steps][4:] == [
            "SRP_M", "transit", "operational", "logout"]


def test_keys_of_the_targets_are_answered():
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
        assert list(fake.answers) == [("MaxBurstLength", "Irrelevant"),
                                    ("X-org.example.Key", "NotUnderstood")]


def test_normal_session():
    class Normal(Fake):
        def after(self, c):
            c.discovery = True
            super().after(c)
    with Normal() as fake:
        code, _, err = run("--initiator", NAME, "--user", "alice", fake.portal,
                           "iqn.2024-01.org.example:disk")
        assert (code, err) == (OK, "")
        keys = fake.requests[0].keys
        assert keys.get("TargetName") == "iqn.2024-01.org.example:disk"
        assert keys.get("SessionType") == "Normal"
        assert "MaxBurstLength" in fake.requests[4].keys.names()


def test_other_pdus_before_the_logout_response():
    class Chatty(Fake):
        def full_feature(self, c, request):
            c.wire.sock.sendall(b"".join(
                iscsi.Pdu(opcode, iscsi.FINAL, b"x").octets()
                for opcode in (iscsi.NOP_IN, 0x32, iscsi.LOGOUT_RSP)))
    with Chatty() as fake:
        works(fake)


# What a target must not send


def refused(cls, part, code=PROTOCOL, args=(), ended="closed"):
    with cls() as fake:
        fails(code, part, login, fake, *args)
        if ended:
            assert fake.ended() == ended


def step(name, function):
    """A target with another function for one step"""
    return type("Fake", (Fake,), {name: function})


def B(value):
    return step("B", lambda self, c: [("SRP_B", value)])


def offer(*keys):
    return step("offer", lambda self, c: list(keys))


N = srp.GROUPS["SRP-1536"][0]
GROUP, SALT = ("SRP_GROUP", "SRP-1536"), ("SRP_s", "0x00")


def test_wrong_proof_of_the_target():
    for change in (lambda HM: HM[:-1] + bytes([HM[-1] ^ 1]),
                   lambda HM: bytes([HM[0] ^ 128]) + HM[1:],
                   lambda HM: HM[:-1], lambda HM: HM + b"\0",
                   lambda HM: b"\0" * 20):
        refused(step("HM", lambda self, c, change=change: [
            ("SRP_HM", to_hex(change(c.server.HM)))]),
            "SRP_M: the target's SRP_HM is wrong")
    refused(step("HM", lambda self, c: []), "SRP_HM is missing")
    refused(step("HM", lambda self, c: [("SRP_HM", "12")]),
            "SRP_HM does not begin with 0x or 0b")
    refused(step("HM", lambda self, c: [("SRP_HM", to_hex(c.server.HM))]),
            "SRP_HM is not expected here", args=("--one-way",))


def test_bad_B():
    zero_u, = srp.vectors["zero_u"]
    for value, part in ((to_hex(b"\0"), "is 0"),
                        (to_hex(b"\0" * 192), "is 0"),
                        (to_hex(srp.octets(N)), "is not less than"),
                        (to_hex(srp.octets(2 * N)), "is not less than"),
                        (to_hex(b"\xff" * 1024), "is not less than"),
                        ("0x" + "00" * 1025, "is longer than 1024"),
                        ("", "does not begin with 0x or 0b"), ("0x", "has no digits"),
                        ("123", "does not begin with 0x or 0b"),
                        ("0xfg", "contains a character that is not a hexadecimal")):
        refused(B(value), "SRP_A: the target's SRP_B " + part)

    class ZeroU(Fake):
        def ephemeral_step(self, c):
            c.recv()
            c.respond([("SRP_B", to_hex(bytes.fromhex(zero_u["B"])))])
    with ZeroU(groups=("SRP-768",)) as fake:
        fails(PROTOCOL, "SRP_B makes u = 0", login, fake, "--group", "SRP-768")
    refused(step("B", lambda self, c: []), "SRP_B is missing")


def test_bad_offer():
    for keys, part in (([SALT], "SRP_GROUP is missing"),
                       ([GROUP], "SRP_s is missing"),
                       ([GROUP, ("SRP_s", "")], "SRP_s does not begin with 0x or 0b"),
                       ([GROUP, ("SRP_s", "0x" + "1" * 2049)],
                        "SRP_s is longer than 1024"),
                       ([GROUP, SALT, ("SRP_N", "0x17")],
                        "SRP_N is not expected here"),
                       ([GROUP, SALT, ("SRP_B", "0x17")],
                        "SRP_B is not expected here"),
                       ([GROUP, SALT, ("CHAP_A", "5")],
                        "CHAP_A is not expected here"),
                       ([GROUP, SALT, ("AuthMethod", "SRP")],
                        "AuthMethod is not expected here"),
                       ([GROUP, SALT, SALT], "a key occurs twice")):
        refused(offer(*keys), part)
    for groups in ("SRP-1024", "", ",", "srp-1536", "SRP-15366", "SRP-1536 "):
        refused(offer(("SRP_GROUP", groups), SALT),
                "the target offers '%s', but --group" % groups, UNAVAILABLE)


def test_bad_methods():
    for method, part, code in (("Reject", "does not accept SRP", NOPERM),
                               ("None", "chose None", PROTOCOL),
                               ("CHAP", "chose CHAP", PROTOCOL),
                               ("SRP,CHAP", "chose SRP,CHAP", PROTOCOL),
                               ("", "chose , which", PROTOCOL),
                               ("srp", "chose srp", PROTOCOL)):
        refused(step("choose", lambda self, c, method=method: c.respond(
            [("AuthMethod", method)])), part, code)
    refused(step("choose", lambda self, c: c.respond()),
            "AuthMethod is missing")


def test_transit_too_early():
    early = "T bit ends the authentication too early"
    unasked = "has the T bit, but the request did not"
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


def test_bad_chap():
    good = {"CHAP_A": "7", "CHAP_I": "1", "CHAP_C": "0x00"}
    for change, part in (({"CHAP_A": "5"}, "CHAP_A was not offered"),
                         ({"CHAP_A": "7,6"}, "CHAP_A was not offered"),
                         ({"CHAP_A": ""}, "CHAP_A was not offered"),
                         ({"CHAP_I": "256"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": "0x100"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": ""}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_I": "-1"}, "CHAP_I is not 0 to 255"),
                         ({"CHAP_C": "x"}, "CHAP_C does not begin with 0x or 0b"),
                         ({"CHAP_R": "0x00"}, "CHAP_R is not expected"),
                         ({"CHAP_C": None}, "CHAP_C is missing")):
        class BadChap(Fake):
            method = "CHAP"

            def chap(self, c, keys={**good, **change}):
                c.recv()
                c.respond([(k, v) for k, v in keys.items() if v is not None])
                c.recv()
        refused(BadChap, part, args=("--method", "chap"))


def test_bad_headers():
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
    for at, value, part in ((0, 0x26, "is not a Login Response"),
                            (0, 0x3f, "is not a Login Response"),
                            (1, 0x04, "belongs to another stage"),
                            (1, 0xc1, "both the T bit and the C bit"),
                            (1, 0x83, "leads to a different stage"),
                            (3, 1, "a version other than 0"),
                            (8, 0x40, "a different ISID"), (13, None, "a different ISID"),
                            (16, 0xff, "a different ISID or Initiator Task Tag")):
        def change(pdu, at=at, value=value):
            pdu.header[at] = pdu.header[at] ^ 1 if value is None else value
        refused(changed(change), "AuthMethod: the target's response " +
                ("has " if part.startswith(("both", "a ")) else "") + part)

    def no_text(pdu):
        pdu.data = b""
        pdu.header[1] = iscsi.CONTINUE
    refused(changed(no_text), "has the C bit, but no text")

    def raw(length, ahs=0):
        class Raw(Fake):
            def choose(self, c):
                header = bytearray(48)
                header[0], header[4] = iscsi.LOGIN_RSP, ahs
                header[5:8] = length.to_bytes(3, "big")
                c.wire.sock.sendall(header + bytes(200))
                c.recv()
        return Raw
    refused(raw(8193), "8193 bytes of data, more than the limit of 8192")
    refused(raw(0xffffff), "16777215 bytes of data")
    refused(raw(0, 1), "additional header segment")


def test_bad_text():
    def raw(data, flags=0):
        return step("choose", lambda self, c: (
            send_part(c, data, flags), c.recv()))
    refused(raw(b"AuthMethod=SRP"), "malformed: the last pair is not terminated")
    refused(raw(b"AuthMethod\0"), "malformed: a pair has no '='")
    refused(raw(b"AuthMethod=SRP\0\0"), "malformed: a pair has no '='")

    class Endless(Fake):
        def choose(self, c):
            while True:
                send_part(c, b"x" * self.size, iscsi.CONTINUE)
                c.recv()
    Endless.size = 8192
    refused(Endless, "more than 16384 bytes of text")
    Endless.size = 1
    refused(Endless, "the login does not end")


def test_endless_negotiation():
    class Endless(Fake):
        def after(self, c):
            while True:
                c.respond()
                c.recv()
    refused(Endless, "the login does not end", ended="proved")

    class Flood(Fake):
        def after(self, c):
            data = iscsi.encode_text([("K%d" % n, "") for n in range(1600)])
            for start in range(0, 8000, 4000):
                send_part(c, data[start:start + 4000], iscsi.CONTINUE)
                c.recv()
            c.respond(data=data[8000:])
            c.recv()
    refused(Flood, "the request needs more than 8192 bytes", 70, ended="proved")

    class FloodOnce(Flood):
        flooded = False

        def after(self, c):
            if self.flooded:
                return Fake.after(self, c)
            self.flooded = True
            return super().after(c)
    with FloodOnce() as fake:
        code, out, err = login(fake, "--repeat", "2")
        assert code == 70
        assert "(1 of 2 logins)" in err
        assert "1 login with SRP" in out


def test_bad_operational():
    for keys, how, part in (
            ([("HeaderDigest", "CRC32C")], {}, "does not agree to HeaderDigest=None"),
            ([("DataDigest", "Reject")], {}, "does not agree to DataDigest=None"),
            ([], {"transit": True}, "ends the login without a TSIH"),
            ([], {"status": "0203"}, "target not found")):
        class Bad(Fake):
            def after(self, c, keys=keys, how=how):
                c.respond(keys, **how)
                c.recv()
        refused(Bad, "operational: ", UNAVAILABLE if "status" in how else
                PROTOCOL, ended="proved")
        refused(Bad, part, UNAVAILABLE if "status" in how else PROTOCOL,
                ended="proved")


def test_rejects():
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


def test_moved():
    for address in ("192.0.2.1:3260,1", "\x1b[31m\x07"):
        refused(step("choose", lambda self, c, address=address: c.respond(
            [("TargetAddress", address)], status="0101")),
            "the target has moved temporarily to " +
            address.replace("\x1b", "?").replace("\x07", "?"), UNAVAILABLE)
    refused(step("choose", lambda self, c: c.respond(
        data=b"junk", status="0102")), "has moved permanently\n", UNAVAILABLE)


def test_closed_connections():
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


def test_silence():
    class Silent(Fake):
        def choose(self, c):
            c.recv()
    begin = time.monotonic()
    refused(Silent, "AuthMethod: no response in time", UNAVAILABLE,
            ("--timeout", "1"))
    assert 0.9 < time.monotonic() - begin < 10


def test_bad_logout():
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
    refused(Other, "logout: the target's response is not a Logout Response",
            ended="proved")


# Secrets


def test_password_is_nowhere_to_be_seen():
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
        assert len(children) == 1
        for pid in [str(program.pid)] + children:
            for name in ("cmdline", "environ"):
                with open("/proc/%s/%s" % (pid, name), "rb") as file:
                    assert b"password123" not in file.read()
            with open("/proc/%s/limits" % pid, encoding="ascii") as file:
                limits = [line.split()[4:6] for line in file
                          if line.startswith("Max core file size")]
            assert limits == [["0", "0"]]
            # Not dumpable: its files belong to root
            assert os.stat("/proc/%s/mem" % pid).st_uid == 0
            with open("/proc/%s/status" % pid, encoding="utf-8") as file:
                locked = [int(line.split()[1]) for line in file
                          if line.startswith("VmLck:")]
            # AddressSanitizer makes mlock(2) do nothing
            assert locked[0] > 0 or "ASAN_OPTIONS" in os.environ
        program.stdout.read()
    assert program.returncode == OK


def test_killed_process_is_reported():
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
    # The others do not wait for a response first
    assert time.monotonic() - begin < 10
    assert program.returncode == 70
    assert b"killed by signal 9" in err


def test_full_device():
    with Fake() as fake, open("/dev/full", "wb") as full:
        code, _, err = login(fake, stdout=full)
        assert code == IOERR
        assert "standard output: No space left" in err
