# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of figures.py."""
import figures
from figures import Limit


def test_p99():
    assert figures.p99([3]) == 3
    assert figures.p99(list(range(1, 101))) == 99
    assert figures.p99(list(range(1, 102))) == 100
    assert figures.p99([5, 1, 9]) == 9


def test_number():
    for value, wanted in ((0.123, "0.12"), (9.994, "9.99"), (9.996, "10.0"),
                          (99.94, "99.9"), (99.96, "100"), (12345.6, "12346"),
                          (-0.5, "-0.50")):
        assert figures.number(value) == wanted, (value, wanted)


def test_spread():
    assert figures.spread([3000, 1000, 2000, 9000], 1000) == \
        "1.00 / 2.50 / 9.00"


def same(turn):
    return turn


def test_limit():
    most = Limit("", "", same, most=0.5)
    assert most.met([0.1, 0.5, 9]) and not most.met([0.1, 0.501, 0.6])
    assert str(most) == "at most 0.5"
    least = Limit("", "", same, least=0.85)
    assert least.met([0.1, 0.85, 9]) and not least.met([0.849, 0.8, 9])
    assert str(least) == "at least 0.85"


def test_limit_with_noise():
    limit = Limit("", "", same, least=1, noise=lambda turn: 0.9)
    assert limit.met([0.1, 0.901, 9]) and not limit.met([0.1, 0.899, 9])
    assert str(limit) == "at least 1 - noise"


def test_table():
    assert figures.table(["a", "bcde"], [["fghi", "j"]]) == (
        "| a    | bcde |\n"
        "|------|-----:|\n"
        "| fghi |    j |\n")


def test_between():
    assert figures.between("x\n<a>\nold\n<b>\ny\n", "<a>", "<b>", "new") == \
        "x\n<a>\nnew\n<b>\ny\n"
    for text in "<a>", "<b> <a>", "<a> <a> <b>":
        try:
            figures.between(text, "<a>", "<b>", "new")
        except ValueError:
            continue
        raise AssertionError(text)
