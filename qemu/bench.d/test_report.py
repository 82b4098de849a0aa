# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of report.py."""
import report

ABOUT = {"kernel": "7.2", "cpus": 2, "helper": "iscsi-srpd 1, OpenSSL 3"}
FOUND = {"about": [{"ours": ABOUT}], "load": [{"used": 0.01, "stolen": 0.03}],
         "failed": [], "module": [{"ours": 2, "unpatched": 1}]}
MACHINE = {"command": "qemu/bench", "cpu": "1 x CPU", "gcc": "gcc", "syscall_us": 0.1}


def crowd(held, failed):
    return {"idle_us": [2000], "held_us": held, "failed": failed, "bound_s": 3}


def test_limits_of_logins_next_to_a_crowd():
    for ours, met in ((crowd([2900, 3000, 9000], 0), True),
                      (crowd([2900, 3100, 9000], 0), False),
                      (crowd([2000, 2000, 2000], 1), False),
                      (crowd([], 1), False)):
        limit, = [each for each in report.limits(0)
                  if each.name == "login next to 64 silent connections : idle"]
        assert limit.met([{"ours": ours}]) == met, ours


def test_chap_against_the_rates_before_and_after():
    turn = {"unpatched": 90, "ours": 95, "unpatched again": 100}
    assert report.chap(turn) == 1
    assert report.chap_again(turn) == 0.9


def test_capacity():
    answer = {"cpus": 2, "chap_cpu_us": 1000, "powers_us": 3000}
    assert report.capacity(answer) == 500


def test_a_page_without_turns():
    text = report.document({"mainline": FOUND}, MACHINE)
    assert "the machine was NOT quiet: " in text
    assert text.count("not measured") == len(report.limits(0))
    assert text.count("Turns: 0.") == len(report.TABLES)
    assert "| met |" not in text


def test_what_was_measured_is_shown():
    first = {"first_us": 3000, "warm_us": [2000, 2000]}
    found = {**FOUND, "first": [{"ours": first}, {"ours": first}],
             "crowd silent 64": [{"ours": crowd([], 1)}]}
    text = report.document({"6.12": found}, MACHINE)
    assert "1.50 / 1.50 / 1.50" in text
    assert "Turns: 2." in text
    assert "1500 / 1500 / 1500 | NOT met" in text
