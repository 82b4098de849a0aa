#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Keys split over requests with the C bit, at any byte, are reassembled
# log: failed with status 0[02]
import expect
import iscsi
import srp
from initiator import Initiator, outcome
from lio import Parameter, Target

target = Target()
acl = target.acl()
acl.auth.srp(groups=("SRP-768", "SRP-1536", "MODP-8192"))


def row3(client):
    return iscsi.encode_text([
        ("SRP_A", iscsi.to_hex(srp.octets(client.A))),
        ("SRP_GROUP", client.group)])


# A complete login that sends each byte in a request of its own
with Initiator() as i:
    i.start("SRP")
    data = iscsi.encode_text([("SRP_U", "alice"), ("TargetAuth", "Yes")])
    keys = i.ask_split(data, range(1, len(data))).keys
    i.salt = iscsi.from_binary(keys.get("SRP_s"))
    i.client = srp.Client("MODP-8192", i.user_name, i.password)
    data = row3(i.client)
    keys = i.ask_split(data, range(1, len(data))).keys
    i.client.proof(i.salt, srp.number(iscsi.from_binary(keys.get("SRP_B"))))
    data = iscsi.encode_text([("SRP_M", iscsi.to_hex(i.client.M))])
    answer = i.ask_split(data, range(1, len(data)), transit=True)
    expect.equal(iscsi.from_binary(answer.keys.get("SRP_HM")), i.client.HM,
                 "SRP_HM")
    i.operational()
    expect.true(i.ping(), "the session answers")
    i.logout()

# Two parts, split at every position
table = expect.Table()
with Parameter("srp_min_group", "SRP-768"):
    client = srp.Client("SRP-768", b"alice", b"password123")
    data = row3(client)
    for cut in range(1, len(data)):
        with Initiator() as i:
            i.start("SRP")
            i.user()
            keys = i.ask_split(data, [cut]).keys
            table.row("cut at %d" % cut, keys.names(), ["SRP_B"])
table.end()

# As much text as one request may have, and a byte more
def padded(size):
    """Step U with an extension key, size bytes long, in two requests."""
    data = iscsi.encode_text([("SRP_U", "alice"), ("TargetAuth", "No")]) + b"X-p="
    data += b"1" * (size - len(data) - 1) + b"\0"

    def script(i):
        i.start("SRP")
        i.ask_split(data, [5000])
    return outcome(script)


table.row("8192 bytes", padded(8192), "0000")
table.row("8193 bytes", padded(8193), "0200")

# Requests that must be rejected
padding = [("SRP_U", "alice"), ("TargetAuth", "No")]


def too_much(i):
    i.start("SRP")
    for _ in range(9):
        i.ask(data=b"X" * 1000, more=True)


def both_bits(i):
    i.start("SRP")
    i.ask(padding, more=True, transit=True)


def never_ends(i):
    i.start("SRP")
    i.ask(data=b"SRP_U=alice\0TargetAuth=No", more=True)
    i.ask(data=b"")


def half_a_first_request(i):
    i.ask([("AuthMethod", "SRP")], more=True)


def operational_stage(i):
    i.srp()
    i.ask([("HeaderDigest", "None")], csg=1, more=True)


for script in (too_much, both_bits, never_ends, half_a_first_request,
               operational_stage):
    table.row(script.__name__, outcome(script), ("0200", "closed"))
table.end()
