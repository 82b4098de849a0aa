#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""tls_login.py ADDRESS PLAIN-PORT TLS-PORT STREAMS-PORT COUNT USER INITIATOR TARGET

Time logins by SRP, plain and with TLS, and TLS's handshake with OpenSSL at both ends; they
take turns.  The password comes from standard input.  Print JSON: seconds of each, from
before the TCP connection until the last response.
"""
import hashlib
import hmac
import json
import sys
import time

import tls_bare
from initiator import Initiator
from iscsi import to_hex

GROUP = "SRP-2048"


def login(portal, tls, who):
    found = {}

    def wrap(sock):
        wrapped = tls_bare.client().wrap_socket(sock)
        found["hash"] = hashlib.sha256(wrapped.getpeercert(binary_form=True)).digest()
        return wrapped

    began = time.monotonic()
    with Initiator(portal=portal, wrap=wrap if tls else None, **who) as i:
        i.choose("SRP", "SRP")
        i.user()
        i.ephemeral(GROUP)
        i.prove(extra=[("X-org.linux-iscsi.tls-bind", to_hex(hmac.new(
            i.client.K, b"I" + found["hash"], "sha256").digest()))] if tls else [])
        i.operational()
        return time.monotonic() - began


def main():
    address, plain, tls, streams, count = sys.argv[1:6]
    who = dict(zip(("user", "name", "target"), sys.argv[6:]),
               password=sys.stdin.readline().rstrip("\n"))
    took = {"plain": [], "TLS": [], "handshake": []}
    for _ in range(int(count)):
        took["plain"].append(login((address, int(plain)), False, who))
        took["TLS"].append(login((address, int(tls)), True, who))
        took["handshake"] += tls_bare.handshake(address, int(streams), 1)
    print(json.dumps(took))


if __name__ == "__main__":
    main()
