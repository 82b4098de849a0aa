#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Logins work with the largest credentials: salt of 1024 bytes, MODP-8192, name of 255
# log: failed with status 0[02]
import expect
import openiscsi
from initiator import Initiator, outcome
from lio import Target

target = Target()
acl = target.acl()
user, password = "u:" + "ü" * 126 + "x", "p" * 255
salt = b"\0" + bytes(range(256)) * 4
salt = salt[:1024]
expect.equal(len(user.encode()), 255, "bytes of the user's name")
acl.auth.srp(user=user, password=password, salt=salt,
             groups=("SRP-1536", "MODP-8192"))

with Initiator(user=user, password=password) as i:
    i.login()
    expect.equal((i.salt, i.client.group), (salt, "MODP-8192"),
                 "salt and group")
    i.logout()
expect.equal(outcome(lambda i: i.srp(), user=user, password=password[:-1]),
             "0201", "password of 254 bytes")

# the real initiator has lower limits on names and passwords
acl.auth.srp(user="alice", salt=salt, groups=("SRP-1536", "MODP-8192"))
with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
    openiscsi.exchange_data(openiscsi.disk(), target.image)

# a single zero byte is a valid salt
acl.auth.srp(salt=b"\0")
with openiscsi.OpenIscsi(openiscsi.srp()) as initiator:
    initiator.login()
