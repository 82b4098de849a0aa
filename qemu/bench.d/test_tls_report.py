# SPDX-License-Identifier: GPL-2.0-or-later
"""Tests of tls_report.py."""
import tls_report

ABOUT = {"command": "qemu/bench-tls", "cpu": "1 x CPU", "load": "quiet"}
FOUND = {"failed": [], "about": {"kernel": "6.12", "cpu": "QEMU", "drivers": ["gcm"],
                                 "versions": "fio 3"}}


def answer(per_s, cpu_s=1.0):
    return {"per_s": per_s, "bytes": 1 << 30, "seconds": 1, "iops": 10,
            "target_s": cpu_s, "initiator_s": cpu_s}


def limit(name):
    found, = [each for each in tls_report.LIMITS if each.name == name]
    return found


def test_a_way_measured_twice_counts_with_its_mean():
    turn = {"TLS": answer(80), "TLS again": answer(100), "bare TLS": answer(90)}
    assert tls_report.speed(turn, "TLS") == 90
    assert tls_report.ratio("TLS", "bare TLS")(turn) == 1


def test_stream_and_noise():
    stream = limit("TLS : bare stream with TLS in the kernel, read")
    for speed, met in (90, True), (89, False):
        assert stream.met([{"TLS": answer(speed), "bare TLS": answer(100),
                            "bare TLS again": answer(100)}]) == met


def test_modules():
    plain = limit("plain TCP : the kernel's own modules, read, 1 MiB")
    for ours, again, met in (100, 100, True), (90, 110, True), (90, 90, False):
        assert plain.met([{"read 1M": {"ours": answer(ours), "stock": answer(100),
                                       "ours again": answer(again)}}]) == met


def login(trips, seconds):
    return {"round_trips": trips, "seconds": [seconds]}


def test_logins():
    turn = {"plain": login(6, 0.1), "TLS": login(7, 0.13), "handshake": login(2, 0.03)}
    assert tls_report.added_trips(turn) == 0
    assert round(tls_report.added_time(turn), 6) == 1


def test_cpu_time_of_both_measurements():
    turn = {"TLS": answer(1, 2.0), "TLS again": answer(1, 4.0)}
    assert tls_report.per_gib("target", "TLS")(turn) == 3
    assert tls_report.per_gib("target", "stunnel")(turn) is None


def test_a_page_without_turns():
    text = tls_report.document(FOUND, ABOUT)
    assert text.count("not measured") == len(tls_report.LIMITS)
    assert text.count("Turns: 0.") == 5 and text.count("NOT met") == len(tls_report.LIMITS)
    assert "NVMe/TCP was not measured: no tlshd" in tls_report.document(
        dict(FOUND, nvme="no tlshd"), ABOUT)


def test_what_was_measured_is_shown():
    turn = {way: answer(100e6) for way in ("TLS", "stunnel", "plain", "bare TLS",
                                           "bare TLS again", "TLS again", "bare TCP")}
    small = {way: answer(1e6) for way in ("TLS", "stunnel", "plain")}
    found = dict(FOUND, failed=["login"])
    for what in "read", "write":
        found.update({what + " 1M": [turn, turn], what + " 64k": [small],
                      what + " 4k": [small]})
    text = tls_report.document(found, ABOUT)
    assert "Turns without a result: login." in text
    assert "100 / 100 / 100" in text and "1.00 / 1.00 / 1.00" in text
    assert "NVMe" not in text.partition("## Read")[2]
