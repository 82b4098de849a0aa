#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# None works where allowed, for the real initiator and for discovery
import expect
import openiscsi
from initiator import NAME, TARGET
from lio import Target

target = Target(methods="None", authentication=0)
target.acl(NAME)

with openiscsi.OpenIscsi() as initiator:
    status, found = initiator.discover()
    expect.equal((status, found), (0, [TARGET]), "discovery")
    initiator.login(add=False)          # discovery has added the node
    openiscsi.exchange_data(openiscsi.disk(), target.image)
