#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Every valid way through the security stage: who proposes, and when T=1 is sent
# log: failed with status 0[02]
import expect
import iscsi
import srp
from initiator import Initiator, outcome
from iscsi import to_hex
from lio import Target

target = Target()
acl = target.acl()
acl.auth.srp()
ROW1 = [("SRP_U", "alice"), ("TargetAuth", "Yes")]


def finish(i, keys, early=False, transit=True, extra=(), alias=None):
    """From the target's answer to SRP_U to the end of the operational stage."""
    i.salt = iscsi.from_binary(keys.get("SRP_s"))
    i.client = srp.Client("SRP-1536", i.user_name, i.password)
    answer = i.ask([("SRP_A", to_hex(srp.octets(i.client.A))),
                    ("SRP_GROUP", "SRP-1536"), *extra], transit=early)
    expect.equal(answer.transit, False, "T of row 4")
    i.client.proof(i.salt, srp.number(iscsi.from_binary(
        answer.keys.get("SRP_B"))))
    answer = i.ask([("SRP_M", to_hex(i.client.M)), *extra], transit=transit)
    expect.equal(answer.transit, transit, "T of row 6")
    expect.equal(iscsi.from_binary(answer.keys.get("SRP_HM")), i.client.HM,
                 "SRP_HM")
    if not transit:
        answer = i.ask(transit=True)
        expect.equal((answer.transit, answer.keys.names()), (True, []),
                     "answer to an empty request with T=1 after the proof")
    i.operational()
    expect.true(i.ping(), "the session answers")
    if alias:
        expect.true("InitiatorAlias: " + alias in acl.session(),
                    "the session's alias in %s" % acl.session())
    i.logout()


# the target proposes, the initiator chooses and sends its first keys
with Initiator() as i:
    keys = i.ask().keys
    expect.equal(keys.get("AuthMethod"), "SRP", "the target's proposal")
    finish(i, i.ask([("AuthMethod", "SRP")] + ROW1).keys)

# every request asks for the next stage, only the last one enters it
with Initiator() as i:
    answer = i.ask([("AuthMethod", "SRP")], transit=True)
    expect.equal((answer.keys.get("AuthMethod"), answer.transit),
                 ("SRP", False), "row 0b")
    answer = i.ask(ROW1, transit=True)
    expect.equal(answer.transit, False, "T of row 2")
    finish(i, answer.keys, early=True)

# send the proof with T=0, ask for the next stage later
with Initiator() as i:
    i.start("SRP")
    finish(i, i.ask(ROW1).keys, transit=False)

# keys that are not SRP's, in every step; unknown values in a list
EXTENSION = [("X-com.example.a", "1"), ("InitiatorAlias", "host alias")]
with Initiator() as i:
    keys = i.ask([("AuthMethod", "X-com.example.b,Z-c,SRP,None")] +
                 EXTENSION[:1]).keys
    expect.equal((keys.get("AuthMethod"), keys.get("X-com.example.a")),
                 ("SRP", "NotUnderstood"), "choice from unknown methods")
    keys = i.ask(ROW1 + EXTENSION).keys
    expect.equal(keys.names(), ["X-com.example.a", "SRP_GROUP", "SRP_s"],
                 "row 2 to extension keys")
    finish(i, keys, extra=EXTENSION, alias="host alias")
expect.equal(outcome(lambda i: i.start("X-com.example.b,Z-c")), "0201",
             "unknown methods only")
with Initiator() as i:
    i.srp()
    keys = i.ask([("HeaderDigest", "X-com.example.b,None")], csg=1).keys
    expect.equal(keys.get("HeaderDigest"), "None", "choice from unknown digests")
# but an admin who mistypes a method learns it
try:
    target.param("AuthMethod", "X-com.example.b,SRP")
    raise AssertionError("an unknown AuthMethod can be configured")
except OSError:
    pass

# the first answer to a TargetName contains the portal group tag
with Initiator() as i:
    expect.equal(i.ask([("AuthMethod", "SRP")]).keys.get(
        "TargetPortalGroupTag"), "1", "TargetPortalGroupTag")
