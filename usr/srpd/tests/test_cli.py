# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-srpd as a program"""
import os
import struct
import subprocess

import pytest

from programs import (DATA, GROUPS, become_nobody, fails, on_terminal,
                      out_of_reach, public_copy, run)

SRPD = os.path.join(os.environ["BUILT"], "iscsi-srpd")
EPHEMERAL, SESSION = 1, 2
OK, BAD_JOB = 0, 1
JOB = struct.Struct("=IHHQIHHH6x1024s1024s1024s")
RESULT = struct.Struct("=IHHQII")


def job(vector, op, number=1, **change):
    fields = {
        "version": 1, "op": op, "group": GROUPS.index(vector["group"]) + 1,
        "id": number, "u": int(vector["u"], 16) if op == SESSION else 0,
        "v": bytes.fromhex(vector["v"]), "b": bytes.fromhex(vector["b"]),
        "A": bytes.fromhex(vector["A"]) if op == SESSION else b"",
    }
    fields.update(change)
    f = fields
    return JOB.pack(f["version"], f["op"], f["group"], f["id"], f["u"],
                    len(f["v"]), len(f["b"]), len(f["A"]),
                    f["v"], f["b"], f["A"])


def results(data):
    """[(op, status, id, value)] of a stream of results"""
    found = []
    while data:
        version, op, status, number, length, reserved = \
            RESULT.unpack_from(data)
        assert (version, reserved) == (1, 0)
        data = data[RESULT.size:]
        found.append((op, status, number, data[:length]))
        assert len(data[:length]) == length
        data = data[length:]
    return found


def test_usage():
    for args, part in (
            ((), "exactly one KEY"), (("1", "2"), "exactly one KEY"),
            (("x",), "'x'"), (("0",), "'0'"), (("-5",), ""),
            (("12x",), "'12x'"), (("2147483648",), "'2147483648'"),
            (("99999999999999999999",), "must be the number of a key"),
            (("--idle", "0", "1"), "1 to 86400"),
            (("--idle", "86401", "1"), "'86401'"),
            (("--idle", "5s", "1"), "'5s'"), (("--idle",), "idle"),
            (("--check", "1"), "takes no KEY"),
            (("--check", "--stdin"), "be combined"),
            (("--nonsense",), "nonsense")):
        fails(64, part, SRPD, *args)
        fails(64, "--help", SRPD, *args)


def test_help_and_version():
    code, out, err = run(SRPD, "--help")
    assert (code, err) == (0, "")
    assert b"--idle SECONDS" in out
    code, out, err = run(SRPD, "--version")
    assert (code, err) == (0, "")
    assert b"iscsi_srp version 1" in out


def test_self_test():
    assert run(SRPD, "--check") == (0, b"self test passed\n", "")


def test_jobs_from_stdin():
    vectors = [v for v in DATA["vectors"]
               if v["group"] != "MODP-8192" or v["id"].endswith("/basic")]
    jobs = b"".join(job(v, op, 10 * n + op) for n, v in enumerate(vectors)
                    for op in (EPHEMERAL, SESSION))
    code, out, err = run(SRPD, "--stdin", stdin=jobs)
    assert (code, err) == (0, "")
    want = []
    for n, v in enumerate(vectors):
        size = DATA["groups"][v["group"]]["bits"] // 8
        want += [(op, OK, 10 * n + op, bytes.fromhex(v[k]).rjust(size, b"\0"))
                 for op, k in ((EPHEMERAL, "B"), (SESSION, "S"))]
    assert results(out) == want


def test_bad_jobs_from_stdin():
    v = DATA["vectors"][0]
    jobs = [job(v, EPHEMERAL, 1, version=2), job(v, SESSION, 2, u=0),
            job(v, 9, 3), job(v, EPHEMERAL, 4, group=10),
            bytes(JOB.size), b"\xff" * JOB.size, job(v, EPHEMERAL, 7)]
    code, out, err = run(SRPD, "--stdin", stdin=b"".join(jobs))
    assert (code, err) == (0, "")
    assert [(r[1], r[2]) for r in results(out)] == [
        (BAD_JOB, 1), (BAD_JOB, 2), (BAD_JOB, 3), (BAD_JOB, 4),
        (BAD_JOB, 0), (BAD_JOB, (1 << 64) - 1), (OK, 7)]


def test_stdin_that_is_empty_or_cut_off():
    assert run(SRPD, "--stdin") == (0, b"", "")
    fails(65, "ends after 100 bytes of a job; a job has 3104", SRPD,
          "--stdin", stdin=bytes(100))
    # What was whole before is answered
    v = DATA["vectors"][0]
    code, out, err = run(SRPD, "--stdin", stdin=job(v, EPHEMERAL, 5) + b"x")
    assert (code, results(out)[0][2]) == (65, 5)
    assert "after 1 bytes" in err


def test_stdout_that_is_full():
    with open("/dev/full", "wb") as full:
        code, _, err = run(SRPD, "--stdin", stdout=full,
                           stdin=job(DATA["vectors"][0], EPHEMERAL))
    assert code == 74
    assert "No space left" in err


def test_key_needs_root():
    with public_copy(SRPD) as program:
        fails(77, "let request-key(8) start", program, "123",
              preexec_fn=become_nobody)


def test_key_without_authority():
    if os.geteuid() != 0:
        pytest.skip("only root gets that far")
    # On a terminal the reason is also printed
    status, out = on_terminal([SRPD, "123"], [])
    assert os.waitstatus_to_exitcode(status) == 69
    if b"no authority to instantiate key 123" not in out:
        assert b"user iscsi-srpd does not exist" in out


def test_without_open_files():
    def close_all():
        os.closerange(0, 3)
    p = subprocess.run([SRPD, "x"], preexec_fn=close_all, timeout=10,
                       check=False)
    assert p.returncode == 64


def test_secrets_are_out_of_reach_of_others():
    out_of_reach(SRPD, ["--stdin"], b"")
