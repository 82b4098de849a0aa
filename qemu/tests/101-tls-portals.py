#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# A portal has TLS, or allows or requires it, also where portal groups share its socket
# log: login from .* with(out)? TLS refused: the portal's tls is (no|require)
# log: failed with status 0(000|202)
# log: tls(_certificate)?: write
# log: iser and cxgbit: not possible with TLS
import errno

import expect
import tls
from initiator import Initiator, outcome
from kernellog import KernelLog
from lio import Discovery, Target, held, wait_for

OTHER = "iqn.2024-01.org.example:other"
HASHES = ["%02x" % n * size for n, size in ((1, 32), (2, 48), (3, 64))]


def ends(**how):
    """What becomes of a login, and of a discovery session."""
    return (outcome(lambda i: i.login(), **how),
            outcome(lambda i: i.login(), discovery=True, **how))


def refused(attribute, value):
    """The error of writing a value, which must not change anything."""
    before = target.np(attribute)
    try:
        target.np(attribute, value)
    except OSError as error:
        expect.equal(target.np(attribute), before, attribute + " afterwards")
        return errno.errorcode[error.errno]
    return None


log = KernelLog()
target = Target()
target.acl().auth.srp()
Discovery().srp()
table = expect.Table()

table.row("default", (target.np("tls"), target.np("tls_certificate")), ("no", ""))
for value in "\n", "yes", "Allow", "requires", "allow\n\n":
    table.row("tls = %r" % value, refused("tls", value), "EINVAL")
for value in ("12", HASHES[0][:-1], HASHES[0][:-1] + "g", HASHES[0] + HASHES[0][:2],
              " ".join(HASHES), "sha256:" + HASHES[0]):
    table.row("tls_certificate = %r" % value, refused("tls_certificate", value), "EINVAL")
for value in HASHES + [HASHES[0] + " " + HASHES[2], HASHES[2] + "\n" + HASHES[1] + "\n",
                       HASHES[0].upper()]:
    target.np("tls_certificate", value)
    table.row("tls_certificate", target.np("tls_certificate").split(),
              value.lower().split())
table.row("tls", target.np("tls"), "no")
for mode in "allow", "require":
    target.np("tls", mode)
    for transport in "iser", "cxgbit":
        log.new()
        table.row(transport, refused(transport, "1"), "EINVAL")
        table.row("log of " + transport, any("not possible with TLS" in line
                                             for line in log.new()), True)
table.row("tls_certificate afterwards", target.np("tls_certificate").split(),
          [value.lower()])
target.np("tls_certificate", "\n")
table.row("none again", target.np("tls_certificate"), "")
table.row("tls afterwards", target.np("tls"), "require")
target.np("tls", "no")

with tls.Tlshd(tls.Certificate()):
    for mode, plain, secured in (("no", "0000", "closed"), ("allow", "0000", "0000"),
                                 ("require\n", "0202", "0000"), ("no", "0000", "closed")):
        target.np("tls", mode)
        table.row("tls", target.np("tls"), mode.strip())
        table.row("plain, " + mode, ends(), (plain, plain))
        table.row("TLS, " + mode, ends(wrap=tls.wrap), (secured, secured))

    # Another portal group on the same socket
    other = Target(name=OTHER)
    other.acl().auth.srp()
    other.np("tls", "no")             # the strictest counts, not the newest
    for mode, plain, secured in (("allow", "0000", "0202"), ("require", "0000", "0202")):
        target.np("tls", mode)
        table.row("no beside " + mode, outcome(lambda i: i.login(), target=OTHER), plain)
        table.row("TLS for no beside " + mode,
                  outcome(lambda i: i.login(), target=OTHER, wrap=tls.wrap), secured)
        table.row("TLS beside no", outcome(lambda i: i.login(), wrap=tls.wrap), "0000")
        table.row("discovery beside " + mode,
                  outcome(lambda i: i.login(), discovery=True),
                  "0000" if mode == "allow" else "0202")

    # A session stays, whatever becomes of its portal
    with Initiator(wrap=tls.wrap) as i:
        i.login()
        target.np("tls", "no")
        table.row("session after tls = no", i.ping(), True)
    target.np("tls", "require")
    target.remove_portal(target.portal)
    table.row("portal without TLS remains", outcome(lambda i: i.login(), target=OTHER), "0000")
    table.row("TLS there", outcome(lambda i: i.login(), target=OTHER, wrap=tls.wrap),
              "closed")
    target.add_portal(target.portal)
    table.row("a new portal", target.np("tls"), "no")
wait_for(lambda: not held(), "the end of all connections")
table.end()
