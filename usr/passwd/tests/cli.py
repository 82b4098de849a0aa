#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-srp-passwd as a program; prints TAP.

    cli.py DIR      the directory with the program

Verifiers are checked against Python's own arithmetic.
"""
import contextlib
import ctypes
import hashlib
import json
import os
import signal
import struct
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.realpath(__file__)),
                                "../../lib/tests"))
# pylint: disable=wrong-import-position
from programs import (DATA, GROUPS, Terminal, become_nobody, expect, expect_in,
                      fails, main, on_terminal, out_of_reach, public_copy, run,
                      test)

PASSWD = os.path.join(sys.argv[1], "iscsi-srp-passwd")
FILES = ["srp_userid", "srp_salt"] + ["srp_verifier_" + g for g in GROUPS]


def parse(text):
    return dict(line.split("=", 1) for line in text.decode().splitlines())


def check_values(values, user, password, names):
    expect(list(values), ["srp_userid", "srp_salt"] +
           ["srp_verifier_" + name for name in names])
    expect(values["srp_userid"], user)
    salt = bytes.fromhex(values["srp_salt"])
    expect(len(salt), 16)
    inner = hashlib.sha1(user.encode() + b":" + password).digest()
    x = int.from_bytes(hashlib.sha1(salt + inner).digest(), "big")
    for name in names:
        group = DATA["groups"][name]
        v = pow(int(group["g"], 16), x, int(group["N"], 16))
        expect(values["srp_verifier_" + name],
               v.to_bytes(group["bits"] // 8, "big").hex())


@test
def passwd_usage():
    for args, part in (
            ((), "USER is missing"), (("a", "b"), "never an argument"),
            (("--json", "--configfs", "/x", "a"), "exclude"),
            (("-g", "SRP-999", "a"), "there is no group 'SRP-999'"),
            (("-g", "SRP-999", "a"), ", ".join(GROUPS)),
            (("-g", "srp-1536", "a"), "'srp-1536'"),
            (("-g", "", "a"), "no group ''"),
            (("-g", "SRP-1536,", "a"), "no group ''"),
            (("-g", "SRP-1536,SRP-1536", "a"), "SRP-1536 is there twice"),
            (("-x", "a"), "invalid option"), (("--configfs",), "argument")):
        fails(64, part, PASSWD, *args)


@test
def passwd_help_and_version():
    for option, part in (("--help", b"-g GROUP"), ("--version", b"passwd ")):
        code, out, err = run(PASSWD, option)
        expect((code, err), (0, ""))
        expect_in(part, out)


@test
def passwd_refuses_users():
    for user, part in (("", "is empty"), ("x" * 256, "longer than 255"),
                       (b"\xff\xfe", "not valid UTF-8"),
                       ("a\nb", "control character"), ("NULL", "unset"),
                       (" a", "space"), ("a ", "space")):
        fails(65, "USER ", PASSWD, user)
        fails(65, part, PASSWD, user)


@test
def passwd_refuses_passwords():
    for password, part in ((b"", "is empty"), (b"\n", "is empty"),
                           (b"a\0b\n", "NUL octet"),
                           (b"x" * 1025 + b"\n", "longer than 1024"),
                           (b"x" * 100000, "longer than 1024"),
                           (b"dos\r\n", "carriage return"),
                           (b"\xff\n", "not valid UTF-8")):
        fails(65, part, PASSWD, "alice", stdin=password)


@test
def passwd_makes_verifiers():
    longest = b"x" * 1024
    for user, password, stdin in (
            ("alice", b"password123", b"password123\n"),
            ("alice", b"no newline", b"no newline"),
            ("a:b", b" sp ace\t", b" sp ace\t\nsecond line\n"),
            ("x" * 255, longest, longest + b"\n"),
            ("Zo\u00eb \U0001f511", "\u00fc\u20ac".encode(),
             "\u00fc\u20ac\n".encode())):
        code, out, err = run(PASSWD, user, stdin=stdin)
        expect((code, err), (0, ""))
        expect(password.strip() in out, False)
        check_values(parse(out), user, password,
                     ["MODP-3072", "SRP-2048", "SRP-1536"])


@test
def passwd_makes_every_group_strongest_first():
    code, out, err = run(PASSWD, "-g", ",".join(GROUPS), "bob", stdin=b"pw")
    expect((code, err), (0, ""))
    check_values(parse(out), "bob", b"pw", GROUPS[::-1])


@test
def passwd_warns_without_the_group_that_all_must_offer():
    code, out, err = run(PASSWD, "-g", "SRP-768,SRP-2048", "bob", stdin=b"pw")
    expect(code, 0)
    expect_in("warning: without SRP-1536", err)
    check_values(parse(out), "bob", b"pw", ["SRP-2048", "SRP-768"])


@test
def passwd_json():
    code, out, err = run(PASSWD, "--json", 'a"\\b', stdin=b"pw")
    expect((code, err), (0, ""))
    check_values(json.loads(out), 'a"\\b', b"pw",
                 ["MODP-3072", "SRP-2048", "SRP-1536"])


@test
def passwd_draws_a_salt_each_time():
    salts = {parse(run(PASSWD, "-g", "SRP-1536", "a", stdin=b"pw")[1])
             ["srp_salt"] for _ in range(5)}
    expect(len(salts), 5)


@test
def passwd_takes_no_more_than_a_line():
    with tempfile.TemporaryFile() as source:
        source.write(b"first\nsecond\n")
        source.seek(0)
        subprocess.run([PASSWD, "a"], stdin=source, check=True, timeout=60,
                       stdout=subprocess.DEVNULL)
        expect(os.lseek(source.fileno(), 0, os.SEEK_CUR), 6)


@test
def passwd_stdout_that_is_full():
    with open("/dev/full", "wb") as full:
        code, _, err = run(PASSWD, "alice", stdin=b"pw", stdout=full)
    expect(code, 74)
    expect_in("standard output: No space left", err)


@test
def secrets_are_out_of_reach_of_others():
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
    expect(libc.inotify_add_watch(fd, os.fsencode(directory),
                                  close_write) > 0, True)
    names = []
    yield names
    data = os.read(fd, 65536)
    os.close(fd)
    while data:
        _, _, _, length = struct.unpack_from("iIII", data)
        names.append(data[16:16 + length].rstrip(b"\0").decode())
        data = data[16 + length:]


@test
def configfs_stores_in_an_order_that_never_mixes():
    with auth_dir() as directory, written(directory) as names:
        expect(run(PASSWD, "--configfs", directory, "alice", stdin=b"pw"),
               (0, b"", ""))
        now = content(directory)
        chosen = ["SRP-1536", "SRP-2048", "MODP-3072"]
        for name in FILES:
            value = now[name]
            expect(value[-1], "\n")
            if name.startswith("srp_verifier_") and name[13:] not in chosen:
                expect(value, "\n")
        values = {n: now[n][:-1] for n in FILES[:2]}
        values.update(("srp_verifier_" + g, now["srp_verifier_" + g][:-1])
                      for g in chosen)
        check_values(values, "alice", b"pw", chosen)
    expect(names, FILES[2:] + FILES[:2] +
           ["srp_verifier_" + g for g in chosen[::-1]])


@test
def configfs_without_srp():
    for missing in FILES:
        with auth_dir() as directory:
            os.unlink(os.path.join(directory, missing))
            fails(69, "/%s does not exist: either this is not an auth "
                  "directory of LIO, or this kernel's LIO has no SRP" % missing,
                  PASSWD, "--configfs", directory, "alice")
            expect(set(content(directory).values()), {"old\n"})


@test
def configfs_directory_that_is_none():
    fails(66, "/nonexistent: No such file", PASSWD, "--configfs",
          "/nonexistent", "alice")
    fails(66, "Not a directory", PASSWD, "--configfs", PASSWD, "alice")


@test
def configfs_that_fails_leaves_nothing_set():
    for broken in FILES:
        with auth_dir() as directory:
            path = os.path.join(directory, broken)
            os.unlink(path)
            os.symlink("/dev/full", path)
            fails(74, "/%s: No space left on device; no SRP credentials are "
                  "set there now" % broken, PASSWD, "--configfs", directory,
                  "-g", ",".join(GROUPS), "alice")
            now = content(directory)
            expect([now.get(n) for n in FILES],
                   [None if n == broken or os.path.islink(
                       os.path.join(directory, n)) else "\n" for n in FILES])


@test
def configfs_without_permission():
    if os.geteuid() != 0:
        return "only root can become somebody without permission"
    with auth_dir() as directory, public_copy(PASSWD) as program:
        fails(77, "/srp_userid: Permission denied", program, "--configfs",
              directory, "alice", preexec_fn=become_nobody)
        expect(set(content(directory).values()), {"old\n"})
    return None


# The terminal


FIRST, SECOND = b"SRP password of alice: ", b"The same again: "


@test
def terminal_asks_twice_without_echo():
    status, seen = on_terminal([PASSWD, "alice"], [
        (FIRST, b"Secret9\n"), (SECOND, b"Secret9\n")])
    expect(status, 0)
    expect(b"Secret9" in seen, False)
    lines = seen.replace(b"\r\n", b"\n")
    check_values(parse(lines[lines.index(b"srp_userid"):]), "alice",
                 b"Secret9", ["MODP-3072", "SRP-2048", "SRP-1536"])


@test
def terminal_refuses_two_passwords():
    for second in (b"Secret8", b"Secret", b"Secret99", b""):
        status, seen = on_terminal([PASSWD, "alice"], [
            (FIRST, b"Secret9\n"), (SECOND, second + b"\n")])
        expect(os.waitstatus_to_exitcode(status), 65)
        expect_in(b"was not typed the same twice", seen)
        expect(b"srp_" in seen or b"Secret" in seen, False)


@test
def terminal_refuses_an_empty_password_at_once():
    for answer in (b"\n", b"\x04"):
        status, seen = on_terminal([PASSWD, "alice"], [(FIRST, answer)])
        expect(os.waitstatus_to_exitcode(status), 65)
        expect_in(b"is empty", seen)


@test
def terminal_forgets_what_was_too_long():
    terminal = Terminal(["/bin/sh", "-c", PASSWD + " alice; read x; echo =$x="])
    terminal.read(FIRST)
    terminal.type(b"x" * 2000 + b"\n")
    terminal.read(b"is longer than 1024 octets")
    terminal.wait_echo(True)
    terminal.type(b"next\n")
    terminal.read(b"=next=")
    terminal.end()


@test
def terminal_gets_its_echo_back_after_signals():
    for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
        for typed in (b"", b"half"):
            terminal = Terminal([PASSWD, "alice"])
            terminal.read(FIRST)
            terminal.wait_echo(False)
            terminal.type(typed)
            slave = os.open(terminal.name, os.O_RDWR | os.O_NOCTTY)
            if sig == signal.SIGINT:
                terminal.type(b"\x03")
            else:
                os.kill(terminal.pid, sig)
            status = os.waitpid(terminal.pid, 0)[1]
            expect(os.WTERMSIG(status), sig)
            expect(os.WCOREDUMP(status), False)
            expect(terminal.echoes(), True)
            os.close(slave)
            os.close(terminal.fd)


@test
def terminal_asks_again_after_a_stop():
    script = "set -m; %s alice; echo stopped; read x; fg" % PASSWD
    terminal = Terminal(["/bin/bash", "-c", script])
    terminal.read(FIRST)
    terminal.wait_echo(False)
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
    expect(status, 0)
    values = seen.replace(b"\r\n", b"\n")
    check_values(parse(values[values.index(b"srp_userid"):]), "alice",
                 b"Secret9", ["MODP-3072", "SRP-2048", "SRP-1536"])


if __name__ == "__main__":
    sys.exit(main())
