#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Minimum group and mutual authentication for ACL, portal group and discovery
# log: failed with status 0[02]
# log: ^iSCSI SRP: (srp_min_group|srp_mutual_required|srp_only|srp_verifier_)
import itertools

import expect
import srp
from initiator import Initiator, outcome
from lio import Discovery, Parameter, Target

GROUPS = ("SRP-1536", "SRP-2048", "MODP-3072")
target = Target()
acl = target.acl()
acl.auth.srp(groups=GROUPS)
discovery = Discovery(True)
discovery.srp(groups=GROUPS)
table = expect.Table()


def offer(**how):
    """The groups offered to a login, weakest first."""
    with Initiator(**how) as i:
        i.start("SRP")
        return tuple(reversed(i.user()))


def from_group(group):
    return GROUPS[GROUPS.index(group):] if group in GROUPS else GROUPS


def refused(auth, name, value):
    """Return whether a write is refused and changes nothing."""
    before = auth.get(name)
    try:
        auth.set(name, value)
    except OSError as error:
        return error.errno == 22 and auth.get(name) == before
    return False


# The strictest of module, portal group and ACL applies
for module, tpg, own in itertools.product(
        ("SRP-768", "SRP-2048"), (None, "SRP-768", "SRP-2048", "MODP-3072"),
        (None, "SRP-1536", "SRP-2048", "MODP-3072")):
    target.auth.policy(min_group=tpg)
    acl.auth.policy(min_group=own)
    strictest = max((module, tpg, own), key=lambda name:
                    list(srp.GROUPS).index(name) if name else -1)
    with Parameter("srp_min_group", module):
        table.row("module %s, portal group %s, ACL %s" % (module, tpg, own),
                  offer(), from_group(strictest))
        table.row("discovery beside it", offer(discovery=True),
                  from_group(module))
target.auth.no_policy()
acl.auth.no_policy()

discovery.policy(min_group="MODP-3072")
table.row("discovery, MODP-3072", offer(discovery=True), ("MODP-3072",))
table.row("ACL beside it", offer(), GROUPS)
discovery.no_policy()

# An initiator that does not request TargetAuth
one_way, mutual = (lambda i: i.srp(target_auth="No"),
                   lambda i: i.login())
for tpg, own in itertools.product((False, True), repeat=2):
    target.auth.policy(mutual_required=tpg)
    acl.auth.policy(mutual_required=own)
    what = "mutual_required: portal group %d, ACL %d" % (tpg, own)
    table.row(what + ", one-way", outcome(one_way),
              "0202" if tpg or own else "0000")
    table.row(what + ", mutual", outcome(mutual), "0000")
    table.row(what + ", discovery one-way", outcome(one_way, discovery=True),
              "0000")
target.auth.no_policy()
acl.auth.no_policy()
discovery.policy(mutual_required=True)
table.row("discovery one-way", outcome(one_way, discovery=True), "0202")
table.row("discovery mutual", outcome(mutual, discovery=True), "0000")
table.row("ACL beside it", outcome(one_way), "0000")
discovery.no_policy()

# Demo mode uses the portal group's settings
target.demo()
target.auth.srp(groups=GROUPS)
target.auth.policy(min_group="SRP-2048", mutual_required=True)
stranger = {"name": "iqn.2024-01.org.example:stranger"}
table.row("demo mode", offer(**stranger), from_group("SRP-2048"))
table.row("demo mode, one-way", outcome(one_way, **stranger), "0202")

for where, auth in (("ACL", acl.auth), ("portal group", target.auth),
                    ("discovery", discovery)):
    auth.no_srp()
    # without verifiers any minimum is accepted
    for group in srp.GROUPS:
        auth.set("srp_min_group", group)
        table.row(where + ": minimum", auth.get("srp_min_group"), group)
        auth.set("srp_min_group", auth.get("srp_min_group"))
    for value in "SRP-1535", "srp-1536", "1536", "SRP-1536,SRP-2048", "0":
        table.row("%s: minimum %r" % (where, value),
                  refused(auth, "srp_min_group", value), True)
    for name in "srp_mutual_required", "srp_only":
        for value in "2", "yes", "\n", "NULL", "11":
            table.row("%s: %s=%r" % (where, name, value),
                      refused(auth, name, value), True)
    auth.set("srp_min_group", "\n")
    table.row(where + ": unset", auth.get("srp_min_group"), "NULL")
    # contradictory settings, in both orders
    auth.srp(groups=("SRP-1536", "SRP-2048"))
    table.row(where + ": minimum above all verifiers",
              refused(auth, "srp_min_group", "MODP-3072"), True)
    auth.set("srp_min_group", "SRP-2048")
    table.row(where + ": the strongest unset",
              refused(auth, "srp_verifier_SRP-2048", "NULL"), True)
    auth.set("srp_verifier_SRP-1536", "NULL")
    auth.set("srp_verifier_SRP-2048", "NULL")
    table.row(where + ": a weak one alone",
              refused(auth, "srp_verifier_SRP-1536", "02"), True)
    # restore a saved configuration: credentials first
    auth.no_srp()
    auth.srp(groups=GROUPS)
    auth.policy(min_group="MODP-3072", mutual_required=True)
    saved = {name: auth.get("srp_" + name)
             for name in ("min_group", "mutual_required", "only")}
    auth.no_srp()
    auth.srp(groups=GROUPS)
    for name, value in saved.items():
        auth.set("srp_" + name, value)
        table.row("%s: %s restored" % (where, name), auth.get("srp_" + name),
                  value)
    auth.no_srp()
table.end()
