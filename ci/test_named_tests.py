# SPDX-License-Identifier: GPL-2.0-or-later
"""Every test that faults.md and security.md name exists, and every row names one."""
import glob
import os
import re
import subprocess

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
PAGES = {"faults.md": 3, "security.md": 4}      # columns of a table with tests


def rows(page):
    """The last cells of the rows of tables with tests."""
    with open(os.path.join(TOP, "Documentation", page), encoding="utf-8") as f:
        for line in f:
            cells = [cell.strip() for cell in line.strip()[1:-1].split("|")]
            if line.startswith("| ") and len(cells) == PAGES[page] and \
                    cells[-1] not in ("---", "tests"):
                yield cells[-1]


def exists(name):
    if re.match("[0-9]{2,3}-", name):
        return any(os.path.exists(os.path.join(TOP, directory, name + ".py"))
                   for directory in ("qemu/tests", "qemu/debian"))
    if name.startswith("fuzz_"):
        return bool(glob.glob(os.path.join(TOP, "usr/*/tests", name + ".c")))
    found = subprocess.run(
        ["git", "-C", TOP, "grep", "-qw", "-e", name, "--", ":!Documentation",
         ":!ci/test_named_tests.py"], check=False)
    return found.returncode == 0


@pytest.mark.parametrize("page", PAGES)
def test_named_tests_exist(page):
    names = [name for row in rows(page) for name in re.findall("`([^`]+)`", row)]
    assert len(names) > 20
    assert not [name for name in names if not exists(name)]


@pytest.mark.parametrize("page", PAGES)
def test_every_row_names_a_test(page):
    assert not [row for row in rows(page)
                if "`" not in row and not row.startswith("none: ")]


def test_missing_tests_are_noticed():
    assert not exists("00-no-such-test")
    assert not exists("100-no-such-test")
    assert not exists("fuzz_no_such_test")
    assert not exists("no_such" + "_test")
