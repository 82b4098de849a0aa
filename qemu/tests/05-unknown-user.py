#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An unknown user and a user without a verifier get the same answers as a known one
# log: failed with status 0[02]
import expect
import lio
from initiator import Initiator, Rejected
from lio import Discovery, Target


def fingerprint(user, name):
    """What an initiator with a wrong password sees."""
    with Initiator(user=user, password="guess", name=name) as i:
        try:
            i.srp()
        except Rejected as reject:
            seen = [pdu for way, pdu in i.transcript if way == "<"]
            return (reject.status, i.offer, len(i.salt),
                    [(pdu.flags, pdu.keys.names()) for pdu in seen])
    return "success"


def salt(user, name, **where):
    with Initiator(user=user, name=name, **where) as i:
        i.start("SRP")
        i.user()
        return i.salt


target = Target()
known = "iqn.2024-01.org.example:known"
bare = "iqn.2024-01.org.example:bare"
target.acl(known).auth.srp()
target.acl(bare)

real = fingerprint("alice", known)
expect.equal(real[0], "0201", "status for a wrong password")
expect.equal(real[2], len(lio.SALT), "bytes of the salt")
expect.equal(fingerprint("mallory", known), real, "unknown user")
expect.equal(salt("mallory", known), salt("mallory", known),
             "the salt of an unknown user, asked for twice")
expect.true(salt("mallory", known) != salt("trudy", known),
            "two unknown users have the same salt")
expect.true(salt("mallory", known) != lio.SALT,
            "an unknown user has the known one's salt")
expect.equal(fingerprint("alice", bare)[0], "0201",
             "status for a user without verifier")

# As a known user: one salt in a target's table, another one elsewhere
other = Target("iqn.2024-01.org.example:other", megabytes=1)
target.demo()
other.demo()
second = "iqn.2024-01.org.example:second"
target.acl(second).auth.srp("bob")
discovery = Discovery()
discovery.srp("dora")


def salts():
    return [salt("mallory", known), salt("mallory", second),
            salt("mallory", bare), salt("mallory", bare, target=other.name),
            salt("mallory", known, discovery=True)]


before = salts()
expect.equal(len(set(before)), len(before), "different salts of mallory")
expect.equal(salt("mallory", "iqn.2024-01.org.example:demo"), before[2],
             "salt in demo mode and of an ACL without credentials")
saved = discovery.get("srp_decoy_secret")
discovery.set("srp_decoy_secret", "NULL")
expect.true(not set(salts()) & set(before), "a new secret changes all salts")
discovery.set("srp_decoy_secret", saved)
expect.equal(salts(), before, "salts with the saved secret")
