#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Who has stolen a verifier can pretend to be the target, but not log in
# log: failed with status 0201
import secrets

import expect
import iscsi
import openiscsi
import srp
import target as peer
from background import srp_login
from initiator import outcome
from lio import Target

GROUP = "SRP-1536"


class Thief(srp.Client):
    """Has the verifier instead of the password.

    S is (A v^u)^b.  Who knows u before he sends A can send g^a v^-u, and S is (B - v)^a.
    But u is a hash of B, which comes after A.
    """

    def __init__(self, user, u):
        super().__init__(GROUP, user, b"")
        self.A = self.A * pow(verifier, -u, self.N) % self.N

    def proof(self, s, B):
        self.S = pow((B - verifier) % self.N, self.a, self.N)
        self.K = srp.interleave(self.S)
        self.M = srp.make_M(self.group, self.U, s, self.A, B, self.K)
        self.HM = srp.make_HM(self.A, self.M, self.K)
        return self.M


def log_in(u):
    """A login of the thief, who takes this for u."""
    def script(i):
        i.start("SRP")
        i.user()
        i.client = Thief(i.user_name, u)
        keys = i.security([("SRP_A", iscsi.to_hex(srp.octets(i.client.A))),
                           ("SRP_GROUP", GROUP)])
        B = srp.number(iscsi.from_binary(keys.get("SRP_B")))
        seen.append(srp.make_u(B))
        i.client.proof(i.salt, B)
        i.prove()
    return outcome(script)


class Pretender(peer.Target):
    """Does not know the password."""

    def __init__(self):
        super().__init__(password=secrets.token_hex(16))
        self.salt = salt

    def verifier(self, group):
        return verifier


target = Target()
auth = target.acl().auth
auth.srp(groups=(GROUP,))
verifier = int(auth.get("srp_verifier_" + GROUP), 16)
salt = bytes.fromhex(auth.get("srp_salt"))

# It would work if u were known
server = srp.Server(GROUP, b"alice", salt, verifier)
thief = Thief(b"alice", srp.make_u(server.B))
expect.equal(thief.proof(salt, server.B), server.proof(thief.A), "proof with the right u")

table = expect.Table()
seen = []
for u in 0, 1, secrets.randbits(32):
    table.row("u = %d" % u, log_in(u), "0201")
for _ in range(5):
    table.row("u of the last login", log_in(seen[-1]), "0201")
table.row("each login has another u", len(set(seen)), len(seen))
for password in "%x" % verifier, srp.octets(verifier).decode("latin-1"):
    table.row("the verifier as the password", outcome(srp_login, password=password), "0201")

with Pretender() as pretender, openiscsi.OpenIscsi(
        openiscsi.for_discovery(openiscsi.srp())) as initiator:
    status, found = initiator.discover("127.0.0.1:%d" % pretender.port)
    table.row("pretender", (pretender.ended(), status, found),
              ("proved", 0, [pretender.name]))
table.end()
