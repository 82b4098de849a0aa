# SPDX-License-Identifier: GPL-2.0-or-later
"""SRP-SHA1 of RFC 2945 as used by RFC 7143, implemented from the RFCs.

Uses Python integers, so that the tests do not share a bug with OpenSSL or the
kernel.  Not constant-time: for tests only.
"""
import hashlib
import json
import os
import secrets

HERE = os.path.dirname(os.path.realpath(__file__))

with open(os.path.join(HERE, "../../../kunit/vectors/vectors.json"),
          encoding="ascii") as f:
    vectors = json.load(f)

# name: (N, g), weakest first
GROUPS = {name: (int(group["N"], 16), int(group["g"], 16))
          for name, group in vectors["groups"].items()}


def sha1(*parts):
    return hashlib.sha1(b"".join(parts)).digest()


def octets(number):
    """Big-endian bytes without leading zeros."""
    return number.to_bytes((number.bit_length() + 7) // 8, "big")


def number(value):
    return int.from_bytes(value, "big")


def private_x(U, P, s):
    return number(sha1(s, sha1(U, b":", P)))


def verifier(group, U, P, s):
    N, g = GROUPS[group]
    return pow(g, private_x(U, P, s), N)


def make_u(B):
    return number(sha1(octets(B))[:4])


def interleave(S):
    T = octets(S)
    if len(T) % 2:
        T = T[1:]
    even, odd = sha1(T[0::2]), sha1(T[1::2])
    return bytes(octet for pair in zip(even, odd) for octet in pair)


def make_M(group, U, s, A, B, K):
    N, g = GROUPS[group]
    mixed = bytes(a ^ b for a, b in zip(sha1(octets(N)), sha1(octets(g))))
    return sha1(mixed, sha1(U), s, octets(A), octets(B), K)


def make_HM(A, M, K):
    return sha1(octets(A), M, K)


class Client:
    """The initiator's side."""

    def __init__(self, group, U, P, a=None):
        self.group, self.U, self.P = group, U, P
        self.N, self.g = GROUPS[group]
        self.a = a or number(secrets.token_bytes(32))
        self.A = pow(self.g, self.a, self.N)

    def proof(self, s, B):
        x = private_x(self.U, self.P, s)
        self.S = pow((B - pow(self.g, x, self.N)) % self.N,
                     self.a + make_u(B) * x, self.N)
        self.K = interleave(self.S)
        self.M = make_M(self.group, self.U, s, self.A, B, self.K)
        self.HM = make_HM(self.A, self.M, self.K)
        return self.M


class Server:
    """The target's side."""

    def __init__(self, group, U, s, v, b=None):
        self.group, self.U, self.s, self.v = group, U, s, v
        self.N, self.g = GROUPS[group]
        self.b = b or number(secrets.token_bytes(32))
        self.B = (v + pow(self.g, self.b, self.N)) % self.N

    def proof(self, A):
        self.S = pow(A * pow(self.v, make_u(self.B), self.N), self.b, self.N)
        self.K = interleave(self.S)
        self.M = make_M(self.group, self.U, self.s, A, self.B, self.K)
        self.HM = make_HM(A, self.M, self.K)
        return self.M
