#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator rejects a target that cannot prove its identity
# versions: both
import expect
import openiscsi
import target as peer


class WrongHM(peer.Target):
    """Has no verifier: accept any M and make up HM."""

    def proof_step(self, c):
        c.recv()
        c.need("SRP_M")
        c.respond(self.HM(c), transit=c.request.transit)

    def HM(self, c):
        return [("SRP_HM", "0x" + "5a" * 20)]


class LastOctet(peer.Target):
    def HM(self, c):
        wrong = c.server.HM[:-1] + bytes([c.server.HM[-1] ^ 1])
        return [("SRP_HM", "0x" + wrong.hex())]


class ShortHM(peer.Target):
    def HM(self, c):
        return [("SRP_HM", "0x" + c.server.HM[:-1].hex())]


class Echo(peer.Target):
    def HM(self, c):
        return [("SRP_HM", "0x" + c.server.M.hex())]


table = expect.Table()
for kind, wanted in ((peer.Target, "proved"), (WrongHM, "closed"),
                     (LastOctet, "closed"), (ShortHM, "closed"),
                     (Echo, "closed")):
    with kind() as target, openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
        status = initiator.try_login(target=target.name,
                                     portal="127.0.0.1:3261")
        table.row(kind.__name__, target.ended(), wanted)
        table.row(kind.__name__ + ": login succeeded", status == 0, False)
        table.row(kind.__name__ + ": sessions", openiscsi.sessions(), [])
table.end()
