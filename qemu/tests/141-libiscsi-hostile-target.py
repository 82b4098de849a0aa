#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# libiscsi rejects every wrong answer of a fake target
# timeout: 120
import expect
import libiscsi
import target as peer
from lies import LIES, SpareHM

table = expect.Table()


class WrongHM(peer.Target):
    """Has no verifier: accept any M and make up HM."""

    def proof_step(self, c):
        c.recv()
        c.need("SRP_M")
        c.respond([("SRP_HM", "0x" + "5a" * 20)], transit=c.request.transit)


class Echo(peer.Target):
    def HM(self, c):
        return [("SRP_HM", "0x" + c.server.M.hex())]


def attempt(kind, env, wanted):
    with kind() as target:
        status, output = libiscsi.discover("127.0.0.1:%d" % kind.port, env=env,
                                           luns=False)
        table.row("%s: how it ended, %s" % (kind.__name__, output),
                  target.ended(), wanted)
        table.row(kind.__name__ + ": discovery succeeded", status == 0,
                  wanted == "proved")


mutual = libiscsi.srp()
attempt(peer.Target, mutual, "proved")
for lie in LIES + [WrongHM, Echo]:
    attempt(lie, mutual, "closed")

one_way = libiscsi.srp(srp_target_auth="no")
attempt(peer.Target, one_way, "proved")
attempt(SpareHM, one_way, "closed")
table.end()
