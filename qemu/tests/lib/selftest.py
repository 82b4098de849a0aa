#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Test the fake peers against the vectors and against each other.

This needs neither a special kernel nor root.
"""
import unittest

import iscsi
import srp
import target
from initiator import Initiator, Refused, Rejected, outcome
from iscsi import Closed


class Vectors(unittest.TestCase):
    """Check every value of every vector with both sides."""

    def check(self, vector):
        group = vector["group"]
        val = {name: bytes.fromhex(vector[name]) for name in
               "U P s a b v A B u S K M HM".split() if name in vector}
        a, b = srp.number(val["a"]), srp.number(val["b"])
        v = srp.verifier(group, val["U"], val["P"], val["s"])
        self.assertEqual(srp.octets(v), val["v"])
        client = srp.Client(group, val["U"], val["P"], a)
        server = srp.Server(group, val["U"], val["s"], v, b)
        self.assertEqual(srp.octets(client.A), val["A"])
        self.assertEqual(srp.octets(server.B), val["B"])
        self.assertEqual(srp.make_u(server.B), srp.number(val["u"]))
        client.proof(val["s"], server.B)
        server.proof(client.A)
        for side in client, server:
            self.assertEqual(srp.octets(side.S), val["S"])
            self.assertEqual(side.K, val["K"])
            self.assertEqual(side.M, val["M"])
            self.assertEqual(side.HM, val["HM"])

    def test_vectors(self):
        self.assertGreater(len(srp.vectors["vectors"]), 100)
        for vector in srp.vectors["vectors"]:
            with self.subTest(vector["id"]):
                self.check(vector)

    def test_zero_u(self):
        for vector in srp.vectors["zero_u"]:
            self.assertEqual(srp.make_u(int(vector["B"], 16)), 0)

    def test_encodings(self):
        for case in srp.vectors["encoding"]:
            with self.subTest(case["id"]):
                if case["octets"] is None:
                    with self.assertRaises(ValueError):
                        iscsi.from_binary(case["text"])
                else:
                    self.assertEqual(iscsi.from_binary(case["text"]).hex(),
                                     case["octets"])


class SRP(target.Target):
    port = 0


class CHAP(SRP):
    method = "CHAP"


class NoAuth(SRP):
    method = "None"


class WrongHM(SRP):
    def HM(self, c):
        return [("SRP_HM", "0x" + "00" * 20)]


class NoHM(SRP):
    def HM(self, c):
        return []


class ZeroB(SRP):
    def B(self, c):
        return [("SRP_B", "0x00")]


class EarlyTransit(SRP):
    def user_step(self, c):
        c.recv()
        c.respond(self.offer(c), transit=True)
        c.recv()


class Peers(unittest.TestCase):
    """The fakes speak the same protocol and detect wrong answers of each other."""

    def meet(self, script, wanted, ended, kind=SRP, **how):
        with kind(**how) as t:
            portal = t.listener.getsockname()
            self.assertEqual(outcome(script, portal=portal, discovery=True),
                             wanted)
            self.assertEqual(t.ended(), ended)

    def discover(self, i):
        i.operational()
        self.assertTrue(i.ping())
        self.assertEqual(i.send_targets(), [target.Target.name])
        self.assertEqual(i.logout(), 0)

    def test_every_group(self):
        for group in srp.GROUPS:
            for target_auth in "Yes", "No":
                with self.subTest(group + " TargetAuth=" + target_auth):
                    def script(i):
                        i.srp(target_auth=target_auth)
                        self.discover(i)
                    self.meet(script, "0000", "proved", groups=(group,))

    def test_choice_of_group(self):
        def script(i):
            i.srp(group="SRP-2048")
        self.meet(script, "0000", "closed", groups=("SRP-1536", "SRP-2048"))

    def test_group_not_offered(self):
        def script(i):
            i.srp(group="SRP-768")
        self.meet(script, "0200", "0200")

    def test_wrong_password(self):
        self.meet(lambda i: i.srp(), "0201", "0201", password="other")

    def test_unknown_user(self):
        self.meet(lambda i: i.srp(), "0202", "0202", user="bob")

    def test_split_everywhere(self):
        def script(i):
            i.start("SRP")
            i.user()
            i.client = srp.Client("SRP-1536", i.user_name, i.password)
            data = iscsi.encode_text([
                ("SRP_A", iscsi.to_hex(srp.octets(i.client.A))),
                ("SRP_GROUP", "SRP-1536")])
            keys = i.ask_split(data, range(1, len(data), 37)).keys
            i.client.proof(i.salt, int(keys.get("SRP_B"), 16))
            i.prove()
            self.discover(i)
        self.meet(script, "0000", "proved")

    def test_out_of_order(self):
        def script(i):
            i.start("SRP")
            i.ask([("SRP_M", "0x00")])
        self.meet(script, "0200", "0200")

    def test_missing_key(self):
        def script(i):
            i.start("SRP")
            i.ask([("SRP_U", "alice")])
        self.meet(script, "0207", "0207")

    def test_lies_of_a_target(self):
        def script(i):
            with self.assertRaises(Refused):
                i.srp()
        for kind in WrongHM, NoHM, ZeroB, EarlyTransit:
            with self.subTest(kind.__name__):
                self.meet(script, "0000", "closed", kind)

    def test_chap(self):
        mutual = ("target", "secret of the target")

        def script(i):
            i.chap(mutual=mutual)
            self.discover(i)
        self.meet(script, "0000", "proved", CHAP, mutual=mutual)
        self.meet(lambda i: i.chap(secret="wrong"), "0201", "0201", CHAP)

    def test_none(self):
        def script(i):
            i.none()
            self.discover(i)
        self.meet(script, "0000", "proved", NoAuth)
        self.meet(lambda i: i.none(), "0201", "0201")

    def test_silence(self):
        with SRP() as t:
            with Initiator(portal=t.listener.getsockname()) as i:
                i.start("SRP")
            self.assertEqual(t.ended(), "closed")
            with Initiator(portal=t.listener.getsockname()) as i:
                i.send([("AuthMethod", "KRB5")])
                self.assertEqual(i.recv().keys.get("AuthMethod"), "Reject")
                with self.assertRaises(Rejected):
                    i.recv()
                with self.assertRaises(Closed):
                    i.recv()


if __name__ == "__main__":
    unittest.main()
