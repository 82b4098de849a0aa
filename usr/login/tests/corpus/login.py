#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""login.py DIR: what targets send in logins, for fuzzers to start from: see replies.h"""
import hashlib
import hmac
import json
import os
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
SRP, ONE_WAY, CHAP, NONE, TLS, DISCOVERY, RAW = 0, 1, 2, 3, 4, 8, 16
C, TO_OP, TO_FULL, OP, OP_END = 0x40, 0x81, 0x83, 0x04, 0x87
CERTIFICATE = bytes([0x9a]) * 32

with open(os.path.join(HERE, "../../../../kunit/vectors/vectors.json"),
          encoding="utf-8") as file:
    VECTOR = next(v for v in json.load(file)["vectors"] if v["id"] == "SRP-768/basic")


def proof(side):
    return hmac.new(bytes.fromhex(VECTOR["K"]), side + CERTIFICATE,
                    hashlib.sha256).hexdigest()


CHOOSE = "TargetPortalGroupTag=1\nAuthMethod=SRP\n"
OFFER = "SRP_GROUP=SRP-1536,SRP-768\nSRP_s=0x%s\n" % VECTOR["s"]
ANSWER = "SRP_B=0x%s\n" % VECTOR["B"]
PROVE = "SRP_HM=0x%s\n" % VECTOR["HM"]
BIND = "X-org.linux-iscsi.tls-bind=0x%s\n" % proof(b"T")
END = (OP_END, "MaxRecvDataSegmentLength=262144\nInitialR2T=Yes\nMaxBurstLength=65536\n"
       "ErrorRecoveryLevel=0\nDataDigest=None\nDefaultTime2Wait=2\n")
BYE = (0x80, "")

LOGINS = {
    "good-mutual": (SRP, CHOOSE, OFFER, ANSWER, (TO_OP, PROVE), END, BYE),
    "good-one-way": (ONE_WAY, CHOOSE, OFFER, ANSWER, (TO_OP, ""), END, BYE),
    "good-parts": (SRP, CHOOSE, (C, "SRP_GR"), (C, "OUP=SRP-768\nSRP_s=0"),
                   "x%s\n" % VECTOR["s"], ANSWER, PROVE, (TO_OP, ""),
                   (OP | C, "Target"), (OP, "Alias=disk\n"), END, BYE),
    "good-tls": (TLS, CHOOSE, OFFER, ANSWER, (TO_OP, PROVE + BIND), END, BYE),
    "good-tls-one-way": (TLS | ONE_WAY, CHOOSE, OFFER, ANSWER, (TO_OP, BIND), END, BYE),
    "good-chap": (CHAP, "TargetPortalGroupTag=1\nAuthMethod=CHAP\n",
                  "CHAP_A=7\nCHAP_I=1\nCHAP_C=0b%s\n" % ("AbCd" * 6), (TO_OP, ""), END,
                  BYE),
    "good-none": (NONE, "TargetPortalGroupTag=1\nAuthMethod=None\n", (TO_OP, ""), END,
                  BYE),
    "discovery": (DISCOVERY, CHOOSE, OFFER, ANSWER, (TO_FULL, PROVE), BYE),
    "alias": (SRP, "TargetAlias=a\nTargetAlias=b\nAuthMethod=SRP\n"),
    "redirect": (SRP, CHOOSE, (TO_OP, "TargetAddress=[::1]:3261,2\n", 0x0101)),
    "rejects": (ONE_WAY, CHOOSE, (0, "", 0x0201)),
}


def reply(text):
    flags, text, status = (text + (0,))[:3] if isinstance(text, tuple) else (0, text, 0)
    return bytes((flags, status >> 8, status & 255)) + text.encode() + b"\0"


for name, (how, *texts) in LOGINS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as out:
        out.write(bytes((how,)) + b"".join(reply(text) for text in texts))
# A Login Response as it is on the wire
with open(os.path.join(sys.argv[1], "raw"), "wb") as out:
    DATA = b"AuthMethod=SRP\0\0"
    HEAD = bytes((0x23, 0, 0, 0, 0, 0, 0, len(DATA) - 1, 0x80)) + bytes(39)
    out.write(bytes((RAW,)) + HEAD + DATA)
