#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# An initiator that does not read what the target answers is dropped, and delays nobody
# log: failed with status 0[023]
import contextlib
import socket

import expect
import iscsi
from background import timed_login
from initiator import Initiator
from lio import Target, held, read, wait_for, write

LIMIT = 15                              # seconds; LIO's own
PEERS = 32
REQUESTS = 6                            # each with 380 answers: 8 KB
BUFFERS = "/proc/sys/net/ipv4/tcp_wmem"


class Deaf(Initiator):
    """An initiator with a small window that does not read."""

    def __init__(self):
        super().__init__()
        self.wire.sock.close()
        sock = socket.socket()
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 2048)
        sock.connect(("127.0.0.1", 3260))
        self.wire = iscsi.Wire(sock)
        self.port = sock.getsockname()[1]
        sock.setblocking(False)

    def shout(self):
        with contextlib.suppress(BlockingIOError, iscsi.Closed):
            for _ in range(REQUESTS):
                self.send([("X-%04d" % n, "1") for n in range(300)], csg=1)


# Small buffers: they are full after the first answers
before = read(BUFFERS)
write(BUFFERS, "4096 4096 4096")
try:
    target = Target(methods="SRP,None", authentication=0)
    target.acl().auth.srp()
    with contextlib.ExitStack() as stack:
        peers = [stack.enter_context(Deaf()) for _ in range(PEERS)]
        for peer in peers:
            peer.shout()
        for method in "SRP", "None":
            ended, seconds = timed_login(lambda i: i.login(method),
                                         timeout=LIMIT)
            expect.equal(ended, "0000", "login by " + method)
            expect.within(seconds, LIMIT, "login by " + method)
        wait_for(lambda: not {peer.port for peer in peers} & set(held()),
                 "the end of all that do not read", 10)
finally:
    write(BUFFERS, before)
expect.equal(timed_login()[0], "0000", "login once they are gone")
