#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Audit records successful and failed SRP authentications
# log: failed with status 0[02]
import re
import select
import socket
import struct
import time

import expect
from background import srp_login
from initiator import NAME, TARGET, outcome
from lio import Discovery, Target

NETLINK_AUDIT = 9
AUDIT_SET, AUDIT_KERNEL_OTHER = 1001, 1316
AUDIT_STATUS_ENABLED = 1
READLOG = 1                             # the multicast group for readers
ACK = 5                                 # NLM_F_REQUEST | NLM_F_ACK


def enable(on):
    """Switch audit on or off, as auditctl -e does."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW,
                       NETLINK_AUDIT) as netlink:
        netlink.bind((0, 0))
        status = struct.pack("=10I", AUDIT_STATUS_ENABLED, on, *[0] * 8)
        netlink.send(struct.pack("=IHHII", 16 + len(status), AUDIT_SET, ACK, 1,
                                 0) + status)
        answer = netlink.recv(8192)
        error, = struct.unpack_from("=i", answer, 16)
        expect.equal(error, 0, "audit cannot be switched on")


listener = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_AUDIT)
listener.bind((0, 1 << (READLOG - 1)))


def records(seconds=1):
    """Text of our records received so far."""
    found, end = [], time.monotonic() + seconds * expect.PATIENCE
    while time.monotonic() < end:
        if not select.select([listener], [], [], 0.1)[0]:
            if found:
                break
            continue
        message = listener.recv(8192)
        kind, = struct.unpack_from("=H", message, 4)
        if kind == AUDIT_KERNEL_OTHER:
            found.append(message[16:].rstrip(b"\0\n").decode())
    return found


target = Target(methods="SRP")
target.acl().auth.srp()
Discovery(False).srp()
table = expect.Table()
HEAD = r"audit\(\d+\.\d+:\d+\): op=iscsi-login "
TAIL = r' initiator="%s" target="%s" addr=127.0.0.1' % (
    re.escape(NAME), re.escape(TARGET))


def attempt(what, script, wanted, **how):
    records(0.2)
    outcome(script, **how)
    got = records()
    table.row(what + ": records", len(got), int(wanted is not None))
    for record in got:
        table.row("%s: %r" % (what, record),
                  bool(re.fullmatch(HEAD + (wanted or ""), record)), True)


enable(1)
attempt("success", srp_login,
        r'method=SRP group=SRP-1536 acct="alice"' + TAIL + " res=1")
attempt("wrong password", srp_login,
        r'method=SRP group=SRP-1536 acct="alice"' + TAIL +
        r' reason="SRP_M is wrong[^"]*" res=0', password="wrong")
attempt("unknown user", srp_login,
        r'method=SRP group=SRP-1536 acct="bob"' + TAIL +
        r' reason="SRP_U [^"]*" res=0', user="bob")
attempt("a user who forges a record", srp_login,
        r'method=SRP group=SRP-1536 acct=%s' %
        b'x" res=1 acct="root\n'.hex().upper() + TAIL +
        r' reason="SRP_U [^"]*" res=0', user='x" res=1 acct="root\n')
attempt("no method in common", lambda i: i.none(),
        r'method=\? group=\? acct=\?' + TAIL + r' reason="no AuthMethod[^"]*" '
        "res=0")
attempt("discovery", srp_login,
        r'method=SRP group=SRP-1536 acct="alice"' +
        TAIL.replace('"%s"' % re.escape(TARGET), r"\?") + " res=1",
        discovery=True)
enable(0)
attempt("audit is off", srp_login, None)
table.end()
