# SPDX-License-Identifier: GPL-2.0-or-later
"""Hold many connections that do not log in.

    with crowd.silent(64) as silent, crowd.trickling(64), crowd.half_finished(64):
        outcome(srp_login)              # works as if nobody else was there
    expect.equal(silent.dropped, 0, "silent connections that the target closed")

One thread serves a crowd, so that it costs little CPU time.
"""
import itertools
import resource
import secrets
import selectors
import socket
import threading
import time

import initiator
import iscsi
import lio
from expect import PATIENCE

TICKS = 8                               # per second; each serves a part of the crowd


def silent(n, **how):
    """Connections that send nothing."""
    return Crowd(n, "open", **how)


def trickling(n, **how):
    """Connections that send one byte of a Login Request per second."""
    return Crowd(n, "begun", request=True, trickle=True, **how)


def half_finished(n, **how):
    """Connections that send nothing after the answer to their first request."""
    return Crowd(n, "answered", request=True, **how)


class Member:
    """A connection of a crowd."""

    def __init__(self, portal, source, data):
        self.data, self.sent, self.received = data, 0, b""
        self.sock = socket.socket(socket.AF_INET6 if ":" in portal[0] else
                                  socket.AF_INET)
        self.sock.setblocking(False)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if source:
            self.sock.bind((source, 0))
        self.sock.connect_ex(portal)
        self.open = False               # connected
        self.closed = False             # by the target

    @property
    def begun(self):
        return self.sent > 0

    @property
    def answered(self):
        """The target has accepted the request and expects another one."""
        return len(self.received) >= iscsi.BHS and self.status == "0000"

    @property
    def status(self):
        """Of the Login Response, or None."""
        if len(self.received) < iscsi.BHS:
            return None
        return iscsi.Pdu(header=self.received[:iscsi.BHS]).status

    def send(self, count):
        """Send up to that many bytes of the rest of the request."""
        part = self.data[self.sent:self.sent + count]
        if part and self.open and not self.closed:
            try:
                self.sent += self.sock.send(part)
            except BlockingIOError:
                pass
            except OSError:
                self.closed = True

    def receive(self):
        try:
            got = self.sock.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            got = b""
        self.received = (self.received + got)[:iscsi.BHS]
        self.closed = self.closed or not got


class Crowd:
    """Connections of a with block, which begins when each has got to a state or was
    closed by the target.  States: "open", "begun" (one byte of the request is sent)
    and "answered".

    dropped: connections that the target has closed so far.

    within: seconds to wait for that.
    after_each: called after each connection is made, for example to wait until the
    target has accepted it; it need not accept them in the order that they are made.
    must: raise if it takes longer; otherwise go on.
    refill: replace connections that the target closes.
    sources: addresses that the connections come from, in turn; default: any.
    method, name, target, discovery: what requests contain.
    """

    def __init__(self, n, state, request=False, trickle=False, within=10,
                 must=True, refill=False, sources=(None,), method="SRP",
                 name=initiator.NAME, target=initiator.TARGET,
                 portal=initiator.PORTAL, discovery=False, after_each=lambda: None):
        self.n, self.state, self.trickle = n, state, trickle
        self.within, self.must, self.refill = within, must, refill
        self.portal, self.after_each = portal, after_each
        self.sources = itertools.cycle(sources)
        self.keys = request and [
            ("InitiatorName", name), ("AuthMethod", method)] + (
                [("SessionType", "Discovery")] if discovery else
                [("SessionType", "Normal"), ("TargetName", target)])
        self.members, self.dropped = [], 0
        self.selector = selectors.DefaultSelector()
        self.ending = threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)

    def count(self, state=None):
        """Connections in a state, by default that of the crowd, that are not
        closed."""
        return sum(getattr(each, state or self.state) and not each.closed
                   for each in list(self.members))

    def statuses(self):
        """The set of statuses of Login Responses."""
        return {each.status for each in list(self.members)} - {None}

    def __enter__(self):
        hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
        for _ in range(self.n):
            self.members.append(self._member())
            self.after_each()
        self.thread.start()
        try:
            lio.wait_for(lambda: self.count() + self.dropped >= self.n,
                         "a crowd of %d: %s" % (self.n, self.state), self.within)
        except AssertionError as error:
            if self.must:
                self.__exit__()
                raise AssertionError("%s: only %d" % (
                    error, self.count())) from None
        return self

    def __exit__(self, *_):
        self.ending.set()
        self.thread.join()
        for each in self.members:
            each.sock.close()
        self.selector.close()

    def _member(self):
        member = Member(self.portal, next(self.sources), self._request())
        self.selector.register(member.sock, selectors.EVENT_READ |
                               selectors.EVENT_WRITE, member)
        return member

    def _request(self):
        """The first Login Request of a session of its own."""
        if not self.keys:
            return b""
        pdu = iscsi.Pdu(iscsi.LOGIN | iscsi.IMMEDIATE, 0,
                        iscsi.encode_text(self.keys), 1)
        pdu.header[8:14] = b"\x80" + secrets.token_bytes(5)
        pdu.put(">I", 24, 1)            # CmdSN
        return pdu.octets()

    def _serve(self):
        turn, due = 0, time.monotonic()
        while not self.ending.is_set():
            for key, events in self.selector.select(
                    max(0, due - time.monotonic())):
                self._event(key.data, events)
            if time.monotonic() < due:
                continue
            due = time.monotonic() + 1 / TICKS
            for place in range(turn % TICKS, self.n, TICKS):
                self._tick(place)
            turn += 1

    def _event(self, member, events):
        if events & selectors.EVENT_READ:
            member.receive()
        elif not member.open:
            member.open = True
            self.selector.modify(member.sock, selectors.EVENT_READ, member)
            if not self.trickle:
                member.send(len(member.data))
        self._look(member)

    def _tick(self, place):
        """Once per second for each connection."""
        member = self.members[place]
        if member.closed:
            if self.refill:
                self.members[place] = self._member()
        elif self.trickle:
            member.send(1)
            self._look(member)

    def _look(self, member):
        if member.closed:
            self.dropped += 1
            self.selector.unregister(member.sock)
            member.sock.close()
