#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Logins in TLS work with every method, and the session after them; nothing is plain
# log: failed with status 0201
import concurrent.futures

import capture
import expect
import tls
from initiator import Initiator, NAME, TARGET, outcome
from lio import Discovery, Target, held, wait_for

PORTALS = ("127.0.0.1", 3260), ("::1", 3260)
READ = 256 << 10

certificate = tls.Certificate()
target = Target(methods="SRP,CHAP,None", authentication=0)
target.add_portal("[::1]:3260")
acl = target.acl()
discovery = Discovery(enforce=False)
for auth in acl.auth, discovery:
    auth.srp()
    auth.chap()
for portal in target.portal, "[::1]:3260":
    target.np("tls", "allow", portal)
pattern = bytes(range(256)) * (READ // 256)
with open(target.image, "r+b") as f:
    f.write(pattern)

table = expect.Table()
with tls.Tlshd(certificate):
    with capture.Capture() as packets:
        for portal in PORTALS:
            for wrap in tls.wrap, tls.kernel_wrap:
                for method in "SRP", "CHAP", "None":
                    what = "%s by %s on %s" % (method, wrap.__name__, portal[0])
                    with Initiator(portal=portal, wrap=wrap) as i:
                        if wrap == tls.wrap:
                            table.row("certificate, " + what,
                                      tls.certificate_of(i), certificate.der)
                        i.login(method)
                        table.row("ping, " + what, i.ping(), True)
                        table.row("read, " + what,
                                  i.read(READ) == pattern, True)
                        table.row("logout, " + what, i.logout(), 0)
                    with Initiator(portal=portal, wrap=wrap, discovery=True) as i:
                        i.login(method)
                        table.row("discovery, " + what, i.send_targets(), [TARGET])
    # It is of IPv4 only
    wire = packets.octets()
    table.row("captured", len(wire) > 6 * READ, True)
    for what in NAME, TARGET, "alice", "AuthMethod", pattern[:8].decode():
        table.row("plain on the wire: %r" % what, what.encode() in wire, False)
    table.row("wrong password", outcome(lambda i: i.login(), wrap=tls.wrap,
                                        password="wrong"), "0201")
    # More at once than an address may have handshakes
    with concurrent.futures.ThreadPoolExecutor(24) as pool:
        every = list(pool.map(lambda _: Initiator(wrap=tls.wrap).login(),
                              range(24)))
    for i in every:
        table.row("one of 24", i.ping(), True)
        i.close()
wait_for(lambda: not held(), "the end of all connections")
table.end()
