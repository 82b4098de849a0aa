#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""verify.py DIR: certificates and fingerprints, for the fuzzer to start from"""
import os
import subprocess
import sys

EC = ("ec", "-pkeyopt", "ec_paramgen_curve:P-256")
NAMED = ("-addext", "subjectAltName=IP:192.0.2.1,DNS:target.example")


def certificate(*options):
    return subprocess.run(
        ["openssl", "req", "-x509", "-nodes", "-keyout", "/dev/null", "-outform", "DER",
         "-subj", "/CN=target", "-newkey", *options],
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=True).stdout


INPUTS = {
    "good-ec": certificate(*EC),
    "good-sha384": certificate(*EC, "-sha384"),
    "good-rsa": certificate("rsa:1024", "-sha512"),
    "good-sha1": certificate(*EC, "-sha1"),
    "good-no-hash": certificate("ed25519", *NAMED),
    "good-text": b"0a" * 32,
    "good-colons": b":".join([b"0A"] * 32),
    "bad-text": b"0x" + b"0a" * 31,
}
for name, data in INPUTS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(data)
