#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands in Documentation/install.md.

blocks.py MARK...: print the code blocks marked "sh MARK", for example "target" or
"target remove", in order.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
FILE = os.path.normpath(os.path.join(HERE, "../../../Documentation/install.md"))


def commands(mark):
    with open(FILE, encoding="utf-8") as f:
        blocks = re.findall(r"^```sh %s\n(.*?)^```$" % re.escape(mark), f.read(),
                            re.MULTILINE | re.DOTALL)
    if not blocks:
        raise ValueError("%s has no block marked 'sh %s'" % (FILE, mark))
    return "".join(blocks)


if __name__ == "__main__":
    try:
        print(commands(" ".join(sys.argv[1:])), end="")
    except ValueError as error:
        sys.exit("blocks.py: %s" % error)
