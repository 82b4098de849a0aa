#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# CHAP between the fake initiator and the target, including invalid answers
# log: failed with status 0[02]
import expect
from initiator import TARGET, outcome
from lio import Discovery, Target

target = Target(methods="CHAP")
acl = target.acl()
acl.auth.chap(mutual=("target", "the target's own"))


def login(i, **how):
    i.chap(**how)
    i.operational()
    if i.discovery:
        expect.equal(i.send_targets(), [TARGET], "SendTargets")
    else:
        expect.true(i.ping(), "the session answers")
    i.logout()


table = expect.Table()
table.row("one-way though the target could prove itself", outcome(login),
          "0000")
table.row("mutual", outcome(lambda i: login(
    i, mutual=("target", "the target's own"))), "0000")
table.row("wrong secret", outcome(lambda i: login(
    i, secret="wrong", mutual=("target", "the target's own"))), "0201")
acl.auth.set("userid_mutual", "NULL")
acl.auth.set("password_mutual", "NULL")
table.row("one-way, no mutual credentials", outcome(login), "0000")
table.row("unknown name", outcome(login, user="bob"), "0201")
table.row("straight on", outcome(lambda i: i.operational()), "0201")
table.row("SRP", outcome(lambda i: i.srp()), "0201")

Discovery(enforce=True).chap()
table.row("discovery", outcome(login, discovery=True), "0000")
table.row("discovery, wrong secret",
          outcome(lambda i: login(i, secret="wrong"), discovery=True), "0201")
table.row("discovery by None", outcome(lambda i: i.none(), discovery=True),
          "0201")
table.end()
