#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""text.py DIR: text of targets, for the fuzzer to start from"""
import os
import sys

TEXTS = {
    "good-hex": b"AuthMethod=SRP\0SRP_s=0x00fF\0SRP_B=0Xabc\0",
    "good-base64": b"CHAP_A=7\0CHAP_I=0x1f\0CHAP_C=0bAAEC/+8=\0x=0B/w==\0",
    "good-long": b"Empty=\0a=b=c\0L=0x" + 2048 * b"7" + b"\0" + 63 * b"k" + b"=\0",
    "too-long": b"L=0x" + 2050 * b"7" + b"\0M=0b" + 1368 * b"A" + b"\0",
    "bad": b"=x\0k\0k=0x\0k=0bA===\0k=1",
}
for name, text in TEXTS.items():
    with open(os.path.join(sys.argv[1], name), "wb") as file:
        file.write(text)
