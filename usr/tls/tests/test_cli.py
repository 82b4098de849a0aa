# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-tls as a program.  Its handshakes are in test_handshake.c; with keys in
the kernel, see tests 120 and up of qemu/tests."""
import os
import socket
import subprocess

import pytest

from programs import become_nobody, fails, public_copy, run

TLS = os.path.join(os.environ["BUILT"], "iscsi-tls")
PIN = "00" * 32


def test_usage():
    for args, part in (
            ((), "--verify is missing"), (("x",), "'x'"),
            (("--verify", "SRP"), "srp, pin or ca, not 'SRP'"),
            (("--verify",), "verify"), (("--nonsense",), "nonsense"),
            (("--verify", "pin"), "needs --fingerprint"),
            (("--verify", "pin", "--fingerprint", PIN, "--ca", "x"), "neither"),
            (("--verify", "pin", "--fingerprint", PIN[1:]), "64 hexadecimal"),
            (("--verify", "srp", "--fingerprint", PIN + "00"), "64 hexadecimal"),
            (("--verify", "srp", "--name", "x"), "neither --ca nor --name"),
            (("--verify", "srp", "--key-fingerprint", PIN), "needs --fingerprint"),
            (("--verify", "srp", "--fingerprint", PIN, "--key-fingerprint", "x"),
             "--key-fingerprint must be 64 hexadecimal"),
            (("--verify", "pin", "--fingerprint", PIN, "--key-fingerprint", PIN),
             "needs --verify srp"),
            (("--verify", "ca", "--ca", "x"), "needs --ca and --name"),
            (("--verify", "ca", "--name", "x"), "needs --ca and --name"),
            (("--verify", "ca", "--ca", "x", "--name", "x", "--fingerprint", PIN),
             "no --fingerprint"),
            (("--verify", "srp", "--timeout", "0"), "1 to 3600 seconds, not '0'"),
            (("--verify", "srp", "--timeout", "3601"), "not '3601'"),
            (("--verify", "srp", "--timeout", "5s"), "not '5s'"),
            (("--verify", "srp", "--timeout", "-5"), "not '-5'")):
        fails(64, part, TLS, *args)
        fails(64, "--help", TLS, *args)


def test_help_and_version():
    code, out, err = run(TLS, "--help")
    assert (code, err) == (0, "")
    assert b"--verify WAY" in out
    code, out, err = run(TLS, "--version")
    assert (code, err) == (0, "")
    assert out.startswith(b"iscsi-tls ") and b"GnuTLS 3." in out


def test_needs_root():
    with public_copy(TLS) as program:
        fails(77, "needs root", program, "--verify", "srp",
              preexec_fn=become_nobody)


def test_file_3_must_be_a_socket():
    if os.geteuid() != 0:
        pytest.skip("only root gets that far")
    if "iscsi-tls:" not in open("/etc/passwd", encoding="utf-8").read():
        fails(67, "user iscsi-tls does not exist; create it", TLS, "--verify",
              "srp")
        return
    with open("/dev/null", "rb") as null:
        def as_3():
            os.dup2(null.fileno(), 3)
        fails(69, "file 3 is not a socket", TLS, "--verify", "srp",
              preexec_fn=as_3, close_fds=False)
    with socket.socket() as unconnected:
        def socket_as_3():
            os.dup2(unconnected.fileno(), 3)
        fails(69, "kernel", TLS, "--verify", "srp", preexec_fn=socket_as_3,
              close_fds=False)


def test_without_open_files():
    def close_all():
        os.closerange(0, 3)
    p = subprocess.run([TLS, "x"], preexec_fn=close_all, timeout=10,
                       check=False)
    assert p.returncode == 64
