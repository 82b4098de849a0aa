#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Each error of an initiator gets the status documented in iscsi-srp.rst
# timeout: 120
# log: failed with status 0[02]
import expect
import srp
from initiator import NAME, TARGET, Initiator, outcome
from iscsi import to_hex
from lio import Discovery, Parameter, Target

OTHER = "iqn.2024-01.org.example:other-initiator"
target = Target()
target.acl().auth.srp(groups=("SRP-1024", "SRP-1536", "SRP-2048"))
N, _ = srp.GROUPS["SRP-1536"]
U, AUTH = ("SRP_U", "alice"), ("TargetAuth", "Yes")
A, GROUP = ("SRP_A", to_hex(srp.octets(N - 2))), ("SRP_GROUP", "SRP-1536")
M = ("SRP_M", "0x" + "11" * 20)

# description, step, its keys, status
ROWS = [
    ("no keys", 1, [], ("0200", "0201", "0207")),
    ("no SRP_U", 1, [AUTH], "0207"),
    ("no TargetAuth", 1, [U], "0207"),
    ("TargetAuth in lower case", 1, [U, ("TargetAuth", "yes")], "0200"),
    ("TargetAuth empty", 1, [U, ("TargetAuth", "")], "0200"),
    ("TargetAuth of both", 1, [U, ("TargetAuth", "Yes,No")], "0200"),
    ("SRP_U empty", 1, [("SRP_U", ""), AUTH], "0200"),
    ("SRP_U of 256 bytes", 1, [("SRP_U", "u" * 256), AUTH], "0200"),
    ("SRP_U twice", 1, [U, U, AUTH], "0200"),
    ("TargetAuth twice", 1, [U, AUTH, AUTH], "0200"),
    ("SRP_A in row 1", 1, [U, AUTH, A], "0200"),
    ("SRP_GROUP in row 1", 1, [U, AUTH, GROUP], "0200"),
    ("AuthMethod again", 1, [("AuthMethod", "SRP"), U, AUTH], "0200"),
    ("an operational key", 1, [U, AUTH, ("HeaderDigest", "None")], "0200"),
    ("an unknown SRP key", 1, [U, AUTH, ("SRP_X", "1")], "0200"),
    ("a draft's key", 1, [U, AUTH, ("SRP_N", "0x01")], "0200"),
    ("a key of CHAP", 1, [U, AUTH, ("CHAP_A", "5")], "0200"),
    ("row 3 first", 1, [A, GROUP], "0200"),
    ("row 5 first", 1, [M], "0200"),
    ("key in lower case", 1, [("srp_u", "alice"), AUTH], "0200"),
    ("no '='", 1, b"SRP_U\0TargetAuth=Yes\0", "0200"),
    ("no NUL at the end", 1, b"SRP_U=alice\0TargetAuth=Yes", "0200"),
    ("no key before '='", 1, b"=alice\0TargetAuth=Yes\0", "0200"),
    ("no SRP_A", 3, [GROUP], "0207"),
    ("no SRP_GROUP", 3, [A], "0207"),
    ("no keys in row 3", 3, [], ("0200", "0207")),
    ("SRP_A twice", 3, [A, A, GROUP], "0200"),
    ("SRP_GROUP twice", 3, [A, GROUP, GROUP], "0200"),
    ("a group below the minimum", 3, [A, ("SRP_GROUP", "SRP-1024")], "0200"),
    ("a group without verifier", 3, [A, ("SRP_GROUP", "MODP-3072")], "0200"),
    ("an unknown group", 3, [A, ("SRP_GROUP", "SRP-4711")], "0200"),
    ("a list of groups", 3, [A, ("SRP_GROUP", "SRP-1536,SRP-2048")], "0200"),
    ("group in lower case", 3, [A, ("SRP_GROUP", "srp-1536")], "0200"),
    ("group empty", 3, [A, ("SRP_GROUP", "")], "0200"),
    ("SRP_A empty", 3, [("SRP_A", ""), GROUP], "0200"),
    ("SRP_A without digits", 3, [("SRP_A", "0x"), GROUP], "0200"),
    ("SRP_A without prefix", 3, [("SRP_A", "a1b2"), GROUP], "0200"),
    ("SRP_A decimal", 3, [("SRP_A", "12345"), GROUP], "0200"),
    ("SRP_A with a space", 3, [("SRP_A", "0x12 34"), GROUP], "0200"),
    ("SRP_A with another letter", 3, [("SRP_A", "0x12g4"), GROUP], "0200"),
    ("SRP_A bad base64", 3, [("SRP_A", "0bAAE"), GROUP], "0200"),
    ("SRP_A padding inside", 3, [("SRP_A", "0bAA=C"), GROUP], "0200"),
    ("SRP_A of 1025 bytes", 3, [("SRP_A", "0x" + "01" * 1025), GROUP],
     "0200"),
    ("SRP_A = 0", 3, [("SRP_A", "0x00"), GROUP], "0201"),
    ("SRP_A = 0, padded", 3, [("SRP_A", "0x" + "00" * 192), GROUP], "0201"),
    ("SRP_A = N", 3, [("SRP_A", "0x%x" % N), GROUP], "0201"),
    ("SRP_A = 2N", 3, [("SRP_A", "0x%x" % (2 * N)), GROUP], "0201"),
    ("SRP_A = N + 1", 3, [("SRP_A", "0x%x" % (N + 1)), GROUP], "0201"),
    ("SRP_A above N", 3, [("SRP_A", "0x" + "ff" * 1024), GROUP], "0201"),
    ("SRP_U again", 3, [U, A, GROUP], "0200"),
    ("TargetAuth again", 3, [AUTH, A, GROUP], "0200"),
    ("SRP_M early", 3, [A, GROUP, M], "0200"),
    ("SRP_M instead", 3, [M], "0200"),
    ("no SRP_M", 5, [], ("0200", "0207")),
    ("SRP_M twice", 5, [M, M], "0200"),
    ("SRP_M undecodable", 5, [("SRP_M", "0xzz")], "0200"),
    ("SRP_M empty", 5, [("SRP_M", "")], "0200"),
    ("SRP_M of 1025 bytes", 5, [("SRP_M", "0x" + "11" * 1025)], "0200"),
    ("SRP_M wrong", 5, [M], "0201"),
    ("SRP_M of 19 bytes", 5, "short", "0201"),
    ("SRP_M with an extra byte", 5, "long", "0201"),
    ("SRP_M with a zero in front", 5, "zero", "0201"),
    ("SRP_M of one byte", 5, [("SRP_M", "0x00")], "0201"),
    ("SRP_M wrong in its last byte", 5, "last", "0201"),
    ("SRP_HM", 5, [M, ("SRP_HM", "0x" + "00" * 20)], "0200"),
    ("SRP_A again", 5, [A, GROUP], "0200"),
    ("no SRP_M but T=1", 5, "transit", ("0200", "0201", "0207")),
]


def attempt(row, keys):
    def script(i):
        i.start("SRP")
        if row >= 3:
            i.user()
        transit = False
        if row >= 5:
            right = i.ephemeral("SRP-1536")
            transit = True
        if isinstance(keys, bytes):
            i.ask(data=keys)
        elif isinstance(keys, str):
            wrong = {"short": [right[:-1]], "long": [right + b"\0"],
                     "zero": [b"\0" + right],
                     "last": [right[:-1] + bytes([right[-1] ^ 1])],
                     "transit": []}[keys]
            i.ask([("SRP_M", to_hex(value)) for value in wrong],
                  transit=transit)
        else:
            i.ask(keys, transit=transit)
    return outcome(script)


table = expect.Table()
for what, row, keys, wanted in ROWS:
    table.row("row %d: %s" % (row, what), attempt(row, keys), wanted)

# No common group, and a method that was not offered
with Parameter("srp_min_group", "MODP-8192"):
    table.row("no verifier for a group above the minimum",
              outcome(lambda i: i.srp()), ("0201", "0202"))
table.row("no common method", outcome(lambda i: i.chap()), "0201")
table.row("security stage skipped",
          outcome(lambda i: i.operational()), "0201")

# What the first request says of initiator and target is said once, in whole keys.
# Unpatched, a SessionTypeX=Discovery crashes the kernel.
FIRST = [
    ("InitiatorName twice", NAME, [("InitiatorName", NAME)], "0200"),
    ("SessionType twice", NAME, [("SessionType", "Discovery")], "0200"),
    ("TargetName twice", NAME, [("TargetName", TARGET)], "0200"),
    ("another key that begins with InitiatorName", OTHER, [("InitiatorNameX", NAME)],
     "0202"),
    ("other keys that begin like those", NAME, [
        ("InitiatorNameX", OTHER), ("SessionTypeX", "Discovery"),
        ("TargetNameX", "x")], "0000"),
]
for what, name, extra, wanted in FIRST:
    table.row(what, outcome(lambda i: i.ask(extra + [("AuthMethod", "SRP")]), name=name),
              wanted)


def no_target(i):
    i.ask([("SessionTypeX", "Discovery"), ("AuthMethod", "None")], transit=True)
    i.operational()


Discovery(False)
table.row("SessionTypeX, and no target", outcome(no_target, target=None), "0207")

# A second login on the same connection does not bypass authentication
with Initiator() as i:
    i.srp()
    try:
        i.ask([U, AUTH])
        table.row("SRP_U after the proof", "0000", "0200")
    except Exception as error:
        table.row("SRP_U after the proof", getattr(error, "status", error),
                  "0200")
table.end()
