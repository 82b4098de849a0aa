# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-srp-passwd as a program"""
import contextlib
import ctypes
import json
import os
import signal
import struct
import subprocess
import tempfile

import pytest

from programs import (GROUPS, Terminal, become_nobody, fails, limit_files, on_terminal,
                      out_of_reach, public_copy, run)
from verifiers import PASSWD, check_values, parse

FILES = ["srp_userid", "srp_salt"] + ["srp_verifier_" + g for g in GROUPS]


def test_usage():
    for args, part in (
            ((), "exactly one USER"), (("a", "b"), "never an argument"),
            (("--json", "--configfs", "/x", "a"), "cannot be combined"),
            (("-g", "SRP-999", "a"), "unknown group 'SRP-999'"),
            (("-g", "SRP-999", "a"), ", ".join(GROUPS)),
            (("-g", "srp-1536", "a"), "'srp-1536'"),
            (("-g", "", "a"), "unknown group ''"),
            (("-g", "SRP-1536,", "a"), "unknown group ''"),
            (("-g", "SRP-1536,SRP-1536", "a"), "SRP-1536 is listed twice"),
            (("-x", "a"), "invalid option"), (("--configfs",), "argument")):
        fails(64, part, PASSWD, *args)


def test_help_and_version():
    for option, part in (("--help", b"-g GROUP"), ("--version", b"passwd ")):
        code, out, err = run(PASSWD, option)
        assert (code, err) == (0, "")
        assert part in out


def test_refuses_users():
    for user, part in (("", "is empty"), ("x" * 256, "longer than 255 bytes"),
                       (b"\xff\xfe", "not valid UTF-8"),
                       ("a\nb", "control character"), ("NULL", "unset"),
                       (" a", "space"), ("a ", "space")):
        fails(65, "USER ", PASSWD, user)
        fails(65, part, PASSWD, user)


def test_refuses_passwords():
    for password, part in ((b"", "is empty"), (b"\n", "is empty"),
                           (b"a\0b\n", "NUL byte"),
                           (b"x" * 256 + b"\n", "longer than 255"),
                           (b" x\n", "begins or ends with a space"),
                           (b"x \n", "begins or ends with a space"),
                           (b"a\tb\n", "contains a control character"),
                           (b"x" * 100000, "longer than 255"),
                           (b"dos\r\n", "carriage return"),
                           (b"\xff\n", "not valid UTF-8")):
        fails(65, part, PASSWD, "alice", stdin=password)


def test_makes_verifiers():
    longest = b"y" * 255
    for user, password, stdin in (
            ("alice", b"password123", b"password123\n"),
            ("alice", b"no newline", b"no newline"),
            ("a:b", b"sp  ace", b"sp  ace\nsecond line\n"),
            ("x" * 255, longest, longest + b"\n"),
            ("Zo\u00eb \U0001f511", "\u00fc\u20ac".encode(),
             "\u00fc\u20ac\n".encode())):
        code, out, err = run(PASSWD, user, stdin=stdin)
        assert (code, err) == (0, "")
        assert password.strip() not in out
        check_values(parse(out), user, password,
                     ["MODP-3072", "SRP-2048", "SRP-1536"])


def test_makes_every_group_strongest_first():
    code, out, err = run(PASSWD, "-g", ",".join(GROUPS), "bob", stdin=b"pw")
    assert (code, err) == (0, "")
    check_values(parse(out), "bob", b"pw", GROUPS[::-1])


def test_warns_without_the_group_that_all_must_offer():
    code, out, err = run(PASSWD, "-g", "SRP-768,SRP-2048", "bob", stdin=b"pw")
    assert code == 0
    assert "add SRP-1536 to -g" in err
    check_values(parse(out), "bob", b"pw", ["SRP-2048", "SRP-768"])


def test_json():
    code, out, err = run(PASSWD, "--json", 'a"\\b', stdin=b"pw")
    assert (code, err) == (0, "")
    check_values(json.loads(out), 'a"\\b', b"pw",
                 ["MODP-3072", "SRP-2048", "SRP-1536"])


def test_draws_a_salt_each_time():
    salts = {parse(run(PASSWD, "-g", "SRP-1536", "a", stdin=b"pw")[1])
             ["srp_salt"] for _ in range(5)}
    assert len(salts) == 5


def test_salts_that_are_given():
    salts = [os.urandom(16).hex() for _ in range(3)]
    code, out, err = run(PASSWD, "--json", "--salt", ",".join(salts), "alice",
                         stdin=b"pw")
    assert (code, err) == (0, "")
    sets = [json.loads(text + "}") for text in out.decode().split("}\n")[:-1]]
    assert [values["srp_salt"] for values in sets] == salts
    for values in sets:
        check_values(values, "alice", b"pw",
                     ["MODP-3072", "SRP-2048", "SRP-1536"])


def test_refuses_salts():
    for salts in "", "1", "xyz", "12,", ",12", "12,13 ", "ab" * 1025:
        fails(64, "--salt must be 1 to 1024 bytes in hexadecimal", PASSWD,
              "--salt", salts, "alice")
    for option in "--configfs", "-f":
        fails(64, "keep the user's salt", PASSWD, "--salt", "12", option, "/x",
              "alice")


def test_takes_no_more_than_a_line():
    with tempfile.TemporaryFile() as source:
        source.write(b"first\nsecond\n")
        source.seek(0)
        subprocess.run([PASSWD, "a"], stdin=source, check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        assert os.lseek(source.fileno(), 0, os.SEEK_CUR) == 6


def test_stdout_that_is_full():
    with open("/dev/full", "wb") as full:
        code, _, err = run(PASSWD, "alice", stdin=b"pw", stdout=full)
    assert code == 74
    assert "standard output: No space left" in err


def test_secrets_are_out_of_reach_of_others():
    out_of_reach(PASSWD, ["alice"], b"pw\n")


# --configfs


@contextlib.contextmanager
def auth_dir(old="old"):
    """A directory with the files that LIO has, world-readable, as values"""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        for name in FILES:
            with open(os.path.join(directory, name), "w",
                      encoding="ascii") as f:
                f.write(old + "\n")
        yield directory


def content(directory):
    values = {}
    for name in FILES:
        path = os.path.join(directory, name)
        if os.path.isfile(path):
            with open(path, encoding="utf-8") as f:
                values[name] = f.read()
    return values


@contextlib.contextmanager
def written(directory):
    """A list that at the end has the names of files written, in order"""
    libc = ctypes.CDLL(None, use_errno=True)
    fd = libc.inotify_init()
    close_write = 8
    assert libc.inotify_add_watch(fd, os.fsencode(directory),
                                  close_write) > 0
    names = []
    yield names
    data = os.read(fd, 65536)
    os.close(fd)
    while data:
        _, _, _, length = struct.unpack_from("iIII", data)
        names.append(data[16:16 + length].rstrip(b"\0").decode())
        data = data[16 + length:]


def test_configfs_stores_in_an_order_that_never_mixes():
    with auth_dir() as directory, written(directory) as names:
        got = run(PASSWD, "--configfs", directory, "alice", stdin=b"pw")
        assert got == (0, b"", "")
        now = content(directory)
        chosen = ["SRP-1536", "SRP-2048", "MODP-3072"]
        for name in FILES:
            value = now[name]
            assert value[-1] == "\n"
            if name.startswith("srp_verifier_") and name[13:] not in chosen:
                assert value == "\n"
        values = {n: now[n][:-1] for n in FILES[:2]}
        values.update(("srp_verifier_" + g, now["srp_verifier_" + g][:-1])
                      for g in chosen)
        check_values(values, "alice", b"pw", chosen)
    assert names == FILES[2:] + FILES[:2] + [
        "srp_verifier_" + g for g in chosen[::-1]]


def test_configfs_keeps_the_salt_of_the_user():
    with auth_dir() as directory:
        salts = []
        for user in "alice", "alice", "bob", "alice":
            assert run(PASSWD, "--configfs", directory, user,
                       stdin=os.urandom(4).hex().encode()) == (0, b"", "")
            salts.append(content(directory)["srp_salt"])
        assert salts[0] == salts[1]
        assert len(set(salts)) == 3


def test_configfs_without_srp():
    for missing in FILES:
        with auth_dir() as directory:
            os.unlink(os.path.join(directory, missing))
            fails(69, "/%s does not exist; name an auth directory of LIO, on "
                  "a kernel whose LIO supports SRP" % missing,
                  PASSWD, "--configfs", directory, "alice")
            assert set(content(directory).values()) == {"old\n"}


def test_configfs_directory_that_is_none():
    fails(66, "/nonexistent: No such file", PASSWD, "--configfs",
          "/nonexistent", "alice")
    fails(66, "Not a directory", PASSWD, "--configfs", PASSWD, "alice")


def test_configfs_that_fails_leaves_nothing_set():
    for broken in FILES:
        with auth_dir() as directory:
            path = os.path.join(directory, broken)
            os.unlink(path)
            os.symlink("/dev/full", path)
            fails(74, "/%s: No space left on device; no SRP credentials are "
                  "set there now" % broken, PASSWD, "--configfs", directory,
                  "-g", ",".join(GROUPS), "alice")
            now = content(directory)
            assert now == {n: "\n" for n in FILES if n != broken}


def test_configfs_that_refuses_keeps_the_old():
    with auth_dir() as directory:
        fails(74, "/srp_verifier_MODP-3072: Input/output error; the old "
              "credentials are still set", PASSWD, "--configfs", directory,
              "-g", "SRP-1536,MODP-3072", "alice", preexec_fn=limit_files(500))
        assert set(content(directory).values()) == {"old\n"}


def test_configfs_is_checked_before_it_asks():
    status, seen = on_terminal([PASSWD, "--configfs", "/tmp", "alice"], [])
    assert os.waitstatus_to_exitcode(status) == 69
    assert b"password" not in seen.replace(PASSWD.encode(), b"").replace(
        b"iscsi-srp-passwd", b"")


def test_configfs_without_permission():
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody without permission")
    with auth_dir() as directory, public_copy(PASSWD) as program:
        fails(77, "/srp_userid: Permission denied", program, "--configfs",
              directory, "alice", preexec_fn=become_nobody)
        assert set(content(directory).values()) == {"old\n"}


# The terminal


FIRST, SECOND = b"SRP password of alice: ", b"The same again: "


def test_terminal_asks_twice_without_echo():
    status, seen = on_terminal([PASSWD, "alice"], [
        (FIRST, b"Secret9\n"), (SECOND, b"Secret9\n")])
    assert status == 0
    assert b"Secret9" not in seen
    lines = seen.replace(b"\r\n", b"\n")
    check_values(parse(lines[lines.index(b"srp_userid"):]), "alice",
                 b"Secret9", ["MODP-3072", "SRP-2048", "SRP-1536"])


def test_terminal_refuses_two_passwords():
    for second in (b"Secret8", b"Secret", b"Secret99", b""):
        status, seen = on_terminal([PASSWD, "alice"], [
            (FIRST, b"Secret9\n"), (SECOND, second + b"\n")])
        assert os.waitstatus_to_exitcode(status) == 65
        assert b"was not typed the same twice" in seen
        assert not (b"srp_" in seen or b"Secret" in seen)


def test_terminal_refuses_an_empty_password_at_once():
    for answer in (b"\n", b"\x04"):
        status, seen = on_terminal([PASSWD, "alice"], [(FIRST, answer)])
        assert os.waitstatus_to_exitcode(status) == 65
        assert b"is empty" in seen


def test_terminal_forgets_what_was_too_long():
    terminal = Terminal(["/bin/sh", "-c", PASSWD + " alice; read x; echo =$x="])
    terminal.read(FIRST)
    terminal.type(b"x" * 2000 + b"\n")
    terminal.read(b"is longer than 255 bytes")
    terminal.wait_echo(True)
    terminal.type(b"next\n")
    terminal.read(b"=next=")
    terminal.end()


def test_terminal_gets_its_echo_back_after_signals():
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        for typed in (b"", b"half"):
            terminal = Terminal([PASSWD, "alice"])
            terminal.read(FIRST)
            terminal.wait_echo(False)
            terminal.type(typed)
            terminal.wait_asleep()  # a signal before read(2) would wait, too
            slave = os.open(terminal.name, os.O_RDWR | os.O_NOCTTY)
            if sig == signal.SIGINT:
                terminal.type(b"\x03")
            else:
                os.kill(terminal.pid, sig)
            status = os.waitpid(terminal.pid, 0)[1]
            assert os.WTERMSIG(status) == sig
            assert not os.WCOREDUMP(status)
            assert terminal.echoes()
            os.close(slave)
            os.close(terminal.fd)


def test_terminal_asks_again_after_a_stop():
    script = "set -m; %s alice; echo stopped; read x; fg" % PASSWD
    terminal = Terminal(["/bin/bash", "-c", script])
    terminal.read(FIRST)
    terminal.wait_echo(False)
    terminal.wait_asleep()
    terminal.type(b"Forgot\x1a")
    terminal.read(b"stopped")
    terminal.wait_echo(True)
    terminal.type(b"\n")
    terminal.read(FIRST)
    terminal.wait_echo(False)
    terminal.type(b"Secret9\n")
    terminal.read(SECOND)
    terminal.wait_echo(False)
    terminal.type(b"Secret9\n")
    status, seen = terminal.end()
    assert status == 0
    values = seen.replace(b"\r\n", b"\n")
    check_values(parse(values[values.index(b"srp_userid"):]), "alice",
                 b"Secret9", ["MODP-3072", "SRP-2048", "SRP-1536"])
