#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# The real initiator rejects every other wrong answer of a fake target
# versions: both
# timeout: 120
import expect
import openiscsi
import target as peer
from lies import LIES, SpareHM

table = expect.Table()


def attempt(kind, initiator, what):
    with kind() as target:
        status, _ = initiator.discover("127.0.0.1:3261")
        table.row(what + ": how it ended", target.ended(), "closed")
        table.row(what + ": discovery succeeded", status == 0, False)


settings = openiscsi.for_discovery(openiscsi.srp())
with openiscsi.OpenIscsi(settings) as initiator:
    with peer.Target() as honest:
        initiator.discover("127.0.0.1:3261")
        expect.equal(honest.ended(), "proved", "an honest target")
    for lie in LIES:
        attempt(lie, initiator, lie.__name__)

settings = openiscsi.for_discovery(openiscsi.srp(target_auth="No"))
with openiscsi.OpenIscsi(settings) as initiator:
    with peer.Target() as honest:
        initiator.discover("127.0.0.1:3261")
        expect.equal(honest.ended(), "proved", "an honest target, one-way")
    attempt(SpareHM, initiator, "SRP_HM with TargetAuth=No")
table.end()
