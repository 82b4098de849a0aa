# SPDX-License-Identifier: GPL-2.0-or-later
"""Every test that Documentation/faults.md names exists."""
import os
import re
import subprocess

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PAGE = os.path.join(TOP, "Documentation/faults.md")


def named_tests():
    """The names in the last column of the page's tables."""
    with open(PAGE, encoding="utf-8") as f:
        for line in f:
            cells = line.strip().strip("|").split(" | ")
            if line.startswith("| ") and len(cells) == 3:
                yield from re.findall("`([^`]+)`", cells[2])


def exists(name):
    if re.match("[0-9]{2,3}-", name):
        return os.path.exists(os.path.join(TOP, "qemu/tests", name + ".py"))
    found = subprocess.run(
        ["git", "-C", TOP, "grep", "-qw", "-e", name, "--", ":!Documentation",
         ":!ci/test_faults.py"], check=False)
    return found.returncode == 0


def test_named_tests_exist():
    names = list(named_tests())
    assert len(names) > 20
    assert not [name for name in names if not exists(name)]


def test_missing_tests_are_noticed():
    assert not exists("00-no-such-test")
    assert not exists("100-no-such-test")
    assert not exists("no_such" + "_test")
