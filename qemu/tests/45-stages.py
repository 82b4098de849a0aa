#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Every valid way through the security stage: who proposes, and when T=1 is sent
# log: failed with status 0[02]
import expect
import iscsi
import srp
from initiator import Initiator
from iscsi import to_hex
from lio import Target

target = Target()
target.acl().auth.srp()
ROW1 = [("SRP_U", "alice"), ("TargetAuth", "Yes")]


def finish(i, keys, early=False, transit=True):
    """From the target's answer to SRP_U to the end of the operational stage."""
    i.salt = iscsi.from_binary(keys.get("SRP_s"))
    i.client = srp.Client("SRP-1536", i.user_name, i.password)
    answer = i.ask([("SRP_A", to_hex(srp.octets(i.client.A))),
                    ("SRP_GROUP", "SRP-1536")], transit=early)
    expect.equal(answer.transit, False, "T of row 4")
    i.client.proof(i.salt, srp.number(iscsi.from_binary(
        answer.keys.get("SRP_B"))))
    answer = i.ask([("SRP_M", to_hex(i.client.M))], transit=transit)
    expect.equal(answer.transit, transit, "T of row 6")
    expect.equal(iscsi.from_binary(answer.keys.get("SRP_HM")), i.client.HM,
                 "SRP_HM")
    if not transit:
        answer = i.ask(transit=True)
        expect.equal((answer.transit, answer.keys.names()), (True, []),
                     "answer to an empty request with T=1 after the proof")
    i.operational()
    expect.true(i.ping(), "the session answers")
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

# the first answer to a TargetName contains the portal group tag
with Initiator() as i:
    expect.equal(i.ask([("AuthMethod", "SRP")]).keys.get(
        "TargetPortalGroupTag"), "1", "TargetPortalGroupTag")
