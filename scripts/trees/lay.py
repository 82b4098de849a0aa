#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""lay.py [TREE...]: lay the code that we patch as git repositories, out/trees/TREE,
to be edited there.  refresh.py makes the patches from them."""
import sys

from trees import all_trees, die


def main():
    trees = {tree.name: tree for tree in all_trees()}
    for name in sys.argv[1:] or trees:
        if name not in trees:
            die("no tree '%s': must be %s" % (name, ", ".join(trees)))
        trees[name].lay()
        print(trees[name].dir)


if __name__ == "__main__":
    main()
