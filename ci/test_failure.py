# SPDX-License-Identifier: GPL-2.0-or-later
"""The line that says why a test failed."""
import os
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, TOP + "/qemu/tests/lib")
# pylint: disable=wrong-import-position
from failure import LENGTH, why

FIRST = """Traceback (most recent call last):
  File "x.py", line 1, in <module>
OSError: [Errno 5] Input/output error

During handling of the above exception, another exception occurred:

"""
LAST = """Traceback (most recent call last):
  File "x.py", line 2, in <module>
    raise AssertionError("a login took 9.5 s\\nanother row")
AssertionError: a login took 9.5 s
another row
"""
KERNEL = "-- the kernel reports:\nBUG: KASAN: slab-use-after-free\nCPU: 0\n"
LOG = "-- iscsid:\niscsid: connection1:0 is operational\n"


@pytest.mark.parametrize("output, wanted", (
    ("", ""), (LOG, ""), (LAST, ": AssertionError: a login took 9.5 s"),
    (LOG + FIRST + LAST + KERNEL, ": AssertionError: a login took 9.5 s"),
    (LOG + KERNEL, ": BUG: KASAN: slab-use-after-free"),
    (FIRST, ": OSError: [Errno 5] Input/output error"),
    ("Traceback (most recent call last):\n", ""),
    (FIRST.replace("5", "5" * LENGTH), ": OSError: [Errno " + "5" * (LENGTH - 16))))
def test_why(output, wanted):
    assert why(output) == wanted
