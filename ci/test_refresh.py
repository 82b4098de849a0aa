# SPDX-License-Identifier: GPL-2.0-or-later
"""make refresh refuses functions that a merge has inserted twice."""
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../scripts/trees"))
# pylint: disable=wrong-import-position
from refresh import defined_twice

CLASS = """
class Node:
    def login(self):
        return 1

    def %s(self):
        return 2
"""


def test_function_defined_twice():
    assert defined_twice(CLASS % "login") == {"login"}
    assert defined_twice(CLASS % "logout") == set()


def test_setter_is_not_a_second_function():
    assert defined_twice("""
class Node:
    @property
    def label(self):
        return ""

    @label.setter
    def label(self, label):
        pass
""") == set()
