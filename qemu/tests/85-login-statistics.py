#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Each login counts once, in its scopes, and each failed login logs one line
# log: failed with status 0[023]
# log: the helper
import re
import time

import expect
import helper
import iscsi
import lio
from background import login, srp_login
from initiator import NAME, outcome
from kernellog import KernelLog
from lio import Discovery, Parameter, Target, wait_for

target = Target(methods="SRP,CHAP")
acl = target.acl()
discovery = Discovery(False)
SCOPES = {"ACL": acl.auth, "portal group": target.auth,
          "discovery": discovery}
for auth in SCOPES.values():
    auth.srp(groups=("SRP-1536", "SRP-2048"))
    auth.chap()
MEMBER, DISCOVERY = ("ACL", "portal group"), ("discovery",)
table = expect.Table()
kernel_log = KernelLog()


def log_lines():
    """Log lines of failed logins since the last call."""
    # /dev/kmsg escapes backslashes again
    return [line.replace("\\x5c", "\\") for line in kernel_log.new()
            if "login of" in line]


def counters():
    return {name: auth.counters() for name, auth in SCOPES.items()}


def gained(before):
    """{(scope, counter): increase}, without the waiting time."""
    return {(scope, name): value - before[scope][name]
            for scope, now in counters().items() for name, value in now.items()
            if value != before[scope][name] and name != "wait_us"}


lines = []                              # one item per possible log line


def rate_limit():
    """After nine lines, wait until the rate limit allows ten lines again."""
    lines.append(None)
    if len(lines) % 9 == 0:
        time.sleep(5.5)


def attempt(what, script, scopes, *names, log=None, status=None, **how):
    """Check that a login adds one to exactly these counters and is logged."""
    if log:
        rate_limit()
    before = counters()
    log_lines()
    ended = outcome(script, **how)
    wanted = {(scope, name): 1 for scope in scopes for name in names}
    try:
        wait_for(lambda: gained(before) == wanted, what, 3)
    except AssertionError:
        pass
    table.row(what, gained(before), wanted)
    if status:
        table.row(what + ": status", ended, status)
    logged = log_lines()
    table.row(what + ": log lines", len(logged), int(log is not None))
    for text in logged:
        table.row("%s: log %r" % (what, text), bool(re.search(log, text)),
                  True)


def line(initiator=NAME, user="alice", status="0201", reason="", method="SRP"):
    return r'"%s" from \S+%s%s failed with status %s: %s' % (
        re.escape(initiator), method and " by " + method,
        user and ' as "%s"' % user, status, reason)


time.sleep(5.5)                         # other tests had failed logins


def malformed(i):
    i.start("SRP")
    i.ask([("SRP_U", ""), ("TargetAuth", "No")])


def silent(i):
    i.start("SRP")
    i.user()


def chooses_1536(i):
    i.login(group="SRP-1536")


attempt("SRP-2048", srp_login, MEMBER, "logins_srp", "logins_SRP-2048",
        status="0000")
attempt("SRP-1536", chooses_1536, MEMBER, "logins_srp", "logins_SRP-1536",
        status="0000")
attempt("CHAP", lambda i: i.login("chap"), MEMBER, "logins_chap",
        status="0000")
attempt("discovery, None", lambda i: i.login("none"), DISCOVERY,
        "logins_none", discovery=True)
attempt("discovery, SRP", lambda i: i.login(), DISCOVERY, "logins_srp",
        "logins_SRP-2048", discovery=True)
attempt("wrong password", srp_login, MEMBER, "failures_password",
        password="wrong", status="0201",
        log=line(reason=r"SRP_M is wrong.* \(ACL of iqn"))
attempt("unknown user", srp_login, MEMBER, "failures_user", user="bob",
        status="0201", log=line(user="bob", reason="SRP_U is not"))
attempt("CHAP with a wrong password", lambda i: i.login("chap"), MEMBER,
        "failures_password", password="wrong", status="0201",
        log=line(user="", reason="CHAP failed", method="CHAP"))
attempt("None", lambda i: i.none(), MEMBER, "failures_method", status="0201",
        log=line(user="", reason="no AuthMethod in common", method=""))
attempt("no authentication", lambda i: i.operational(), MEMBER,
        "failures_method", status="0201", log=line(user="", method=""))
attempt("malformed", malformed, MEMBER, "failures_protocol", status="0200",
        log=line(user="", status="0200", reason="SRP_U is empty"))
attempt("no ACL", srp_login, ("portal group",), "failures_acl",
        name="iqn.2024-01.org.x:y", status="0202",
        log=line("iqn.2024-01.org.x:y", "", "0202", method="",
                 reason=r"not allowed here.* \(portal group of iqn"))
attempt("no target", srp_login, (), target="iqn.2024-01.org.x:none",
        status="0301", log=line(user="", status="0301", method="",
                                reason=r".*\(no portal group yet\)"))
attempt("no InitiatorName", lambda i: i.ask(data=b"SessionType=Normal\0"), (),
        status="0207", log=line("", "", "0207", method=""))
attempt("AuthMethod first", lambda i: i.ask(data=iscsi.encode_text(
    [("AuthMethod", "None")] + i.declare())), MEMBER, "failures_method",
        status="0201", log=line(user="", method=""))
target.param("AuthMethod", "SRP,CHAP,None")
attempt("None refused", lambda i: i.none(), MEMBER, "failures_method",
        status="0201", log=line(user="", method="None"))
target.param("AuthMethod", "SRP,CHAP")
attempt("hung up", lambda i: i.start("SRP"), MEMBER, "failures_aborted",
        log=line(user="", status="0000", reason="the initiator closed"))
attempt("hung up after SRP_U", silent, MEMBER, "failures_aborted",
        log=line(status="0000", reason="the initiator closed"))
acl.auth.policy(min_group="SRP-2048", mutual_required=True)
attempt("one-way", lambda i: i.srp(target_auth="No"), MEMBER,
        "failures_policy", status="0202",
        log=line(status="0202", reason="TargetAuth=No"))
acl.auth.no_policy()
with Parameter("srp_min_group", "MODP-8192"):
    attempt("no group", srp_login, MEMBER, "failures_policy", status="0202",
            log=line(status="0202", reason="no verifier"))
with helper.no_helper():
    attempt("no helper", srp_login, MEMBER, "failures_helper", status="0301",
            log=line(status="0301", reason="the helper"))
helper.reset()

# Text from an initiator cannot forge a log line
attempt("user with control characters", srp_login, MEMBER, "failures_user",
        user='a"b\\c\n<0>iSCSI SRP: \x1b[2J\x7fZoë' + 99 * "x", status="0201",
        log=r' as "a\\x22b\\x5cc\\x0a<0>iSCSI SRP: \\x1b\[2J\\x7fZo\\xc3\\xab'
            r'x{35}" failed with')

time.sleep(5.5)
log_lines()
for _ in range(20):
    outcome(srp_login, password="wrong")
table.row("lines of 20 failures at once", 9 <= len(log_lines()) <= 10, True)

# The time spent waiting for the helper
lio.no_precompute()
with helper.fake("slow"):
    before = counters()
    ended = outcome(srp_login)
    for scope in MEMBER:
        waited = counters()[scope]["wait_us"] - before[scope]["wait_us"]
        table.row("%s: %d us waited, login %s" % (scope, waited, ended),
                  200000 < waited < 20000000, True)


# Queue and workers
def kernel_wide():
    return {name: int(discovery.get("srp_" + name)) for name in (
        "queue_depth", "queue_depth_max", "workers", "worker_starts",
        "workers_lost")}


helper.reset()
expect.equal(outcome(srp_login), "0000", "login with a new worker")
before = kernel_wide()
table.row("queue depth at rest", before["queue_depth"], 0)
table.row("the most jobs there were", before["queue_depth_max"] > 0, True)
table.row("workers after a login", before["workers"] > 0, True)
with helper.fake("die-once"):
    expect.equal(outcome(srp_login), "0000", "login whose first worker died")
after = kernel_wide()
table.row("workers lost", after["workers_lost"] - before["workers_lost"], 1)
table.row("workers started",
          after["worker_starts"] - before["worker_starts"] >= 2, True)
with helper.fake("hold"):
    held = login()
    wait_for(lambda: kernel_wide()["queue_depth"] == 1, "a job in the queue")
held.result()
table.end()
