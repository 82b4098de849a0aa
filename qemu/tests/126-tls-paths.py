#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Two paths with TLS to a disk: when one is cut the other goes on, and the first comes back
# timeout: 180
# log: TLS
import errno
import glob
import os
import socket

import capture
import expect
import ktls
import lio
import openiscsi
import tls
from background import Background
from lio import Target

SETTINGS = {"node.conn[0].tls": "Yes",
            "node.session.timeo.replacement_timeout": "2",
            "node.conn[0].timeo.noop_out_interval": "1",
            "node.conn[0].timeo.noop_out_timeout": "2"}
FIRST, SECOND = 3260, 3261
OTHER = "127.0.0.1:3262"                # the portal of the second path
PLACE, LENGTH = 1 << 20, 1 << 20


class Link(ktls.Server):
    """The second path, which can be cut."""

    up = True

    def serve(self, sock):
        if self.up:
            super().serve(sock)
        else:
            sock.close()

    def cut(self):
        self.up = False
        for sock in self.current:
            sock.shutdown(socket.SHUT_RDWR)


def session(port):
    """The directory of the session to this port."""
    found, = [path for path in glob.glob(openiscsi.SESSIONS + "/session*") if lio.read(
        glob.glob(path + "/device/connection*/iscsi_connection/*/persistent_port")[0])
        == str(port)]
    return found


def disk(port):
    def found():
        paths = glob.glob(session(port) + "/device/target*/*/block/*")
        return [node for node in ("/dev/" + os.path.basename(path) for path in paths)
                if openiscsi.opens(node)]
    lio.wait_for(found, "the disk of port %d" % port, 20)
    return found()[0]


def state(port):
    return lio.read(session(port) + "/state")


def read(port):
    """What the disk has, past the page cache."""
    os.posix_fadvise(opened[port], 0, 0, os.POSIX_FADV_DONTNEED)
    return os.pread(opened[port], LENGTH, PLACE)


def image():
    with open(target.image, "rb") as f:
        f.seek(PLACE)
        return f.read(LENGTH)


def write(port):
    openiscsi.exchange_data(nodes[port], target.image, PLACE, LENGTH)


certificate = tls.Certificate()
target = Target()
target.acl().auth.srp()
target.add_portal(OTHER)
for portal in target.portal, OTHER:
    target.np("tls", "require", portal)
    target.np("tls_certificate", certificate.hash().hex(), portal)
link = Link(SECOND, 3262)
table = expect.Table()

with tls.Tlshd(certificate), capture.Capture(FIRST) as one, \
        capture.Capture(SECOND) as two, \
        openiscsi.OpenIscsi(openiscsi.srp(), SETTINGS) as initiator:
    for port in FIRST, SECOND:
        initiator.login(portal="127.0.0.1:%d" % port)
    table.row("encrypted", initiator.must("-m", "session", "-P", "1").count(
        "TLS: TLS1.3, AES-256-GCM, certificate confirmed by SRP"), 2)
    nodes = {port: disk(port) for port in (FIRST, SECOND)}
    opened = {port: os.open(nodes[port], os.O_RDONLY) for port in nodes}
    for port in FIRST, SECOND:
        write(port)
        table.row("by way of both after %d" % port, [read(FIRST) == image(),
                                                     read(SECOND) == image()],
                  [True, True])

    link.cut()
    lio.wait_for(lambda: state(SECOND) != "LOGGED_IN", "the cut", 20)
    stuck = Background(lambda: read(SECOND))
    write(FIRST)
    table.row("the other one, meanwhile", state(FIRST), "LOGGED_IN")
    # As multipath needs it: an error, so that it takes the other path
    try:
        stuck.result(60)
        table.row("a command on the cut path", "ended", "error")
    except OSError as error:
        table.row("a command on the cut path", error.errno, errno.EIO)

    link.up = True
    lio.wait_for(lambda: state(SECOND) == "LOGGED_IN", "the way back", 60)
    table.row("what the other one wrote", read(SECOND) == image(), True)
    write(SECOND)
    table.row("by way of the other one", read(FIRST) == image(), True)
    table.row("still encrypted", initiator.must("-m", "session", "-P", "1").count(
        "TLS: TLS1.3, "), 2)
    for fd in opened.values():
        os.close(fd)
    initiator.must("-m", "node", "-u")
for name, wire in ("first", one), ("second", two):
    table.row(name + ": captured", len(wire.octets()) > 2 * LENGTH, True)
    table.row(name + ": plain", wire.plain(), [])
table.end()
