# SPDX-License-Identifier: GPL-2.0-or-later
"""Fake targets, each with one wrong answer that no initiator may accept.

LIES: those for an initiator that wants the target to prove its identity.
SpareHM: the one for an initiator that does not.
"""
import srp
import target as peer
from target import Reject

N, _ = srp.GROUPS["SRP-1536"]


class Answers(peer.Target):
    """Answers AuthMethod with something other than SRP."""

    answer = None

    def choose(self, c):
        c.respond([("AuthMethod", self.answer),
                   ("TargetPortalGroupTag", "1")],
                  transit=c.request.transit)

    def srp(self, c):
        c.recv()                        # nothing else may follow


class NoAnswer(Answers):
    """Agrees to leave the stage without authentication."""

    def choose(self, c):
        c.respond([("TargetPortalGroupTag", "1")], transit=True)


class Keys(peer.Target):
    """Sends other keys in one step, with or without T=1."""

    row, keys, transit = 2, (), False

    def user_step(self, c):
        if self.row != 2:
            return super().user_step(c)
        c.recv()
        c.respond(self.keys, transit=self.transit)
        c.recv()
        raise Reject("0200")

    def ephemeral_step(self, c):
        if self.row != 4:
            return super().ephemeral_step(c)
        c.recv()
        c.respond(self.keys, transit=self.transit)
        c.recv()
        raise Reject("0200")

    def proof_step(self, c):
        c.recv()
        c.respond(self.keys or self.HM(c), transit=c.request.transit)


class NoHM(peer.Target):
    def HM(self, c):
        return []


class LateHM(peer.Target):
    """Sends T=1 without the proof, which would follow later."""

    def proof_step(self, c):
        c.recv()
        c.respond(transit=True)


class SpareHM(peer.Target):
    """Sends a proof that was not requested."""

    def HM(self, c):
        return [("SRP_HM", "0x" + c.server.HM.hex())]


def answers(value):
    return type("AuthMethod=" + value, (Answers,), {"answer": value})


def keys(what, row, *pairs, transit=False):
    return type(what, (Keys,), {"row": row, "keys": list(pairs),
                                "transit": transit})


GROUP, SALT = ("SRP_GROUP", "SRP-1536"), ("SRP_s", "0x" + "11" * 16)
B = ("SRP_B", "0x" + "77" * 100)
HM = ("SRP_HM", "0x" + "00" * 20)

LIES = [
    answers("None"), answers("CHAP"), answers("Reject"), answers("KRB5"),
    answers("SRP,None"), answers(""), NoAnswer,
    keys("T=1 after SRP_s", 2, GROUP, SALT, transit=True),
    keys("T=1 instead of SRP_s", 2, transit=True),
    keys("no SRP_GROUP", 2, SALT),
    keys("no SRP_s", 2, GROUP),
    keys("SRP_s twice", 2, GROUP, SALT, SALT),
    keys("empty SRP_s", 2, GROUP, ("SRP_s", "0x")),
    keys("decimal SRP_s", 2, GROUP, ("SRP_s", "12345")),
    keys("SRP_s of 1025 bytes", 2, GROUP, ("SRP_s", "0x" + "11" * 1025)),
    keys("only a group below the minimum", 2, ("SRP_GROUP", "SRP-1024"), SALT),
    keys("only an unknown group", 2, ("SRP_GROUP", "SRP-4711"), SALT),
    keys("SRP_B before SRP_A", 2, GROUP, SALT, B),
    keys("a key of CHAP", 2, GROUP, SALT, ("CHAP_A", "5")),
    keys("no SRP_B", 4),
    keys("B=0", 4, ("SRP_B", "0x00")),
    keys("B=N", 4, ("SRP_B", "0x%x" % N)),
    keys("B=2N", 4, ("SRP_B", "0x%x" % (2 * N))),
    keys("SRP_B of 1025 bytes", 4, ("SRP_B", "0x" + "11" * 1025)),
    keys("SRP_HM with SRP_B", 4, B, HM),
    keys("T=1 with SRP_B", 4, B, transit=True),
    NoHM, LateHM,
    keys("SRP_HM twice", 6, HM, HM),
]
