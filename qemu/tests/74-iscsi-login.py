#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# iscsi-login logs in with None, CHAP and SRP, and reports success and failure
# log: failed with status 0[023]
import json
import subprocess

import expect
import lio
from expect import PATIENCE
from initiator import NAME, TARGET
from lio import Discovery, Target

PASSWORD = "password123"
STEPS = {"None": 3, "CHAP": 5, "SRP": 6}  # one round trip each, the first for TCP


def run(*args, target=TARGET, portal="127.0.0.1", password=PASSWORD):
    """(exit status, standard output, standard error)"""
    command = ["iscsi-login", "--initiator", NAME, "--timeout",
               str(15 * PATIENCE)] + list(args) + [portal]
    if target:
        command.append(target)
    p = subprocess.run(command, input=password + "\n", text=True, check=False,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    return p.returncode, p.stdout, p.stderr


def report(*args, **how):
    """Its report when all logins succeed."""
    status, out, err = run("--json", *args, **how)
    expect.equal((status, err), (0, ""), "iscsi-login %s" % " ".join(args))
    got = json.loads(out)
    expect.equal(got["failed"], 0, "failed logins")
    for login in got["logins"]:
        expect.equal(len(login["steps"]) - 1, STEPS[got["method"]],
                     "steps of a login with " + got["method"])
    return got


def refused(wanted, part, *args, **how):
    status, out, err = run(*args, **how)
    expect.equal((status, out), (wanted, ""), "iscsi-login " + " ".join(args))
    expect.true(part in err and err.count("\n") == 1, "one line with %r: %r" %
                (part, err))


def no_session(target):
    """Return whether the target has freed all sessions."""
    lio.wait_for(lambda: "No active iSCSI Session" in target.session(),
                 "end of the sessions")


target = Target()
acl = target.acl()
acl.auth.srp(groups=("SRP-1536", "SRP-2048", "MODP-8192"))
acl.auth.chap()
user = ("--user", "alice")

# SRP, mutual and one-way, with a chosen group or the target's first
before = target.statistics()["accepts"]
for group in "SRP-1536", "SRP-2048", "MODP-8192":
    got = report(*user, "--group", group)
    expect.equal((got["mutual"], got["logins"][0]["group"]), (True, group),
                 "mutual login")
expect.equal(report(*user, "--one-way")["mutual"], False, "one-way login")
status, out, err = run(*user)
expect.equal((status, err), (0, ""), "login without --json")
expect.true(out.startswith("1 login with SRP (MODP-8192, mutual)\nlatency: "), out)
no_session(acl)

# Parallel logins
got = report(*user, "--parallel", "8", "--repeat", "4", "--warm-up", "1",
             "--group", "SRP-1536,SRP-2048")
expect.equal(got["succeeded"], 32, "logins of 8 connections")
expect.true(0 < got["latency_us"]["min"] <= got["latency_us"]["median"] <=
            got["latency_us"]["p99"] <= got["latency_us"]["max"], "latencies")
expect.equal(target.statistics()["accepts"] - before, 3 + 1 + 1 + 40,
             "logins that the target counted")
no_session(acl)

# Failures, with the reason
refused(77, "SRP_M: login rejected with status 0201: authentication failure",
        *user, password="wrong password")
refused(77, "status 0201", *user, "--one-way", password="wrong password")
refused(77, "status 0201", "--user", "bob")
refused(77, "AuthMethod", "--method", "none")
refused(69, "SRP_GROUP: the target offers", *user, "--group", "MODP-4096")
refused(69, "status 0301: service unavailable", *user, target=TARGET + "-not")
refused(69, "connect: Connection refused", *user, portal="127.0.0.1:3299")

# CHAP
target.param("AuthMethod", "CHAP")
report("--method", "chap", *user)
refused(77, "CHAP_R: login rejected with status 0201", "--method", "chap",
        *user, password="wrong password")
refused(77, "AuthMethod", *user)

# No authentication
target.param("AuthMethod", "None")
target.attrib("authentication", 0)
report("--method", "none", "--repeat", "2")
no_session(acl)

# Discovery
discovery = Discovery(enforce=True)
discovery.srp(password="of discovery")
got = report(*user, target=None, password="of discovery")
expect.equal(got["target"], None, "target of a discovery session")
refused(77, "status 0201", *user, target=None)
discovery.no_srp()
discovery.enforce(False)
report("--method", "none", target=None)
