#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""The commands that Documentation/install.md tells a reader to type.

blocks.py [--install|--rest] target|initiator: print the code blocks marked
"sh target" or "sh initiator", in their order: those that install packages, the
others, or all.
"""
import os
import re
import sys

HERE = os.path.dirname(os.path.realpath(__file__))
FILE = os.path.join(HERE, "../../Documentation/install.md")
INSTALL = re.compile(r"^\s*(apt|apt-get) install\b", re.MULTILINE)


def blocks(role):
    with open(FILE, encoding="utf-8") as f:
        return re.findall(r"^```sh %s\n(.*?)^```$" % role, f.read(),
                          re.MULTILINE | re.DOTALL)


def installing(block):
    return INSTALL.search(block) is not None


def main():
    words = sys.argv[1:]
    wanted = {"--install": [True], "--rest": [False]}.get(words[0] if words else "")
    if wanted:
        del words[0]
    if words not in (["target"], ["initiator"]):
        print(__doc__, file=sys.stderr)
        return 64
    found = [block for block in blocks(words[0])
             if wanted is None or installing(block) in wanted]
    if not found:
        print("blocks.py: %s has no such block for the %s" % (
            os.path.normpath(FILE), words[0]), file=sys.stderr)
        return 1
    print("\n".join(found), end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
