# SPDX-License-Identifier: GPL-2.0-or-later
"""Test users files, iscsi-srp-passwd -f FILE.

What needs a target's table is in qemu/tests/87-users-file.py.
"""
import contextlib
import ctypes
import ctypes.util
import errno
import os
import signal
import stat
import subprocess
import tempfile
import threading
import time

import pytest

from programs import (DATA, GROUPS, become_nobody, fails, limit_files, on_terminal,
                      public_copy, run)
from verifiers import PASSWD, check_values, parse

NAMES = ["srp_userid", "srp_salt", "expires", "note", "initiators", "tpgt",
         "enabled"] + ["srp_verifier_" + group for group in GROUPS]
FIRST = "iscsi-srp-users 1\n"
N1536 = DATA["groups"]["SRP-1536"]["N"].lower().zfill(384)
VALID = """
[alice]
srp_userid=alice
srp_salt=00112233
srp_verifier_SRP-1536=%s
enabled=1
""" % "02".zfill(384)


@contextlib.contextmanager
def users_file(text=FIRST + VALID):
    """Path of a users file with this text; None: it does not exist yet"""
    with tempfile.TemporaryDirectory() as directory:
        path = os.path.join(directory, "users")
        if text is not None:
            put(path, text)
        yield path


def put(path, text, mode=0o600):
    with open(path, "wb") as f:
        f.write(text if isinstance(text, bytes) else text.encode())
    os.chmod(path, mode)


def get(path):
    with open(path, encoding="utf-8") as f:
        return f.read()


def entries(path):
    """{label: {name: value}}"""
    text = get(path)
    assert text.startswith(FIRST)
    found = {}
    for line in text[len(FIRST):].splitlines():
        if line.startswith("["):
            label = line[1:-1]
            found[label] = {}
        elif line:
            name, value = line.split("=", 1)
            found[label][name] = value
    return found


def batch(path, text, *more):
    return run(PASSWD, "-f", path, "--batch", *more,
               stdin=text if isinstance(text, bytes) else text.encode())


def refused(path, text, part, code=65):
    """A batch that is refused, and changes nothing"""
    before = get(path) if os.path.exists(path) else None
    fails(code, part, PASSWD, "-f", path, "--batch",
          stdin=text if isinstance(text, bytes) else text.encode())
    assert (get(path) if os.path.exists(path) else None) == before
    there = [] if before is None else ["users"]
    assert os.listdir(os.path.dirname(path)) == there


def test_usage():
    for args, part in (
            (("--batch",), "needs -f FILE"),
            (("--check", "a"), "needs -f FILE"),
            (("-f", "x"), "exactly one USER"),
            (("-f", "x", "a", "b"), "never an argument"),
            (("-f", "x", "--batch", "a"), "takes no USER"),
            (("-f", "x", "--apply", "d", "a"), "takes no USER"),
            (("-f", "x", "--dry-run", "a"), "needs --apply"),
            (("-f", "x", "--check"), "exactly one USER"),
            (("-f", "x", "--check", "--batch"), "cannot be combined"),
            (("-f", "x", "--apply", "d", "--export", "d"), "be combined"),
            (("-f", "x", "--json", "a"), "cannot be combined"),
            (("-f", "x", "--configfs", "d", "a"), "cannot be combined"),
            (("-f", "x", "-g", "SRP-999", "a"), "unknown group 'SRP-999'")):
        fails(64, part, PASSWD, *args)


def test_password_makes_a_file():
    with users_file(None) as path:
        assert run(PASSWD, "-f", path, "alice", stdin=b"pw\n") == (0, b"", "")
        assert stat.S_IMODE(os.stat(path).st_mode) == 0o600
        values = entries(path)["alice"]
        assert values.pop("enabled") == "1"
        check_values(values, "alice", b"pw",
                     ["MODP-3072", "SRP-2048", "SRP-1536"])
        # The same again changes nothing; another password keeps the salt
        before, inode = get(path), os.stat(path).st_ino
        assert run(PASSWD, "-f", path, "alice", stdin=b"pw\n")[0] == 0
        assert (get(path), os.stat(path).st_ino) == (before, inode)
        assert run(PASSWD, "-f", path, "-g", "SRP-1536", "alice",
                   stdin=b"pw\n")[0] == 0
        values = entries(path)["alice"]
        assert values.pop("enabled") == "1"
        check_values(values, "alice", b"pw", ["SRP-1536"])
        assert run(PASSWD, "-f", path, "alice", stdin=b"other\n")[0] == 0
        values = entries(path)["alice"]
        del values["enabled"]
        # ... and without -g the groups
        check_values(values, "alice", b"other", ["SRP-1536"])
        assert values["srp_salt"] in before
        assert os.listdir(os.path.dirname(path)) == ["users"]


def test_password_on_a_terminal():
    with users_file() as path:
        status, seen = on_terminal(
            [PASSWD, "-f", path, "bob"],
            [(b"SRP password of bob: ", b"Secret9\n"),
             (b"The same again: ", b"Secret9\n")])
        assert (status, b"Secret" in seen) == (0, False)
        values = entries(path)["bob"]
        del values["enabled"]
        check_values(values, "bob", b"Secret9",
                     ["MODP-3072", "SRP-2048", "SRP-1536"])
        status, seen = on_terminal(
            [PASSWD, "-f", path, "--check", "bob"],
            [(b"SRP password of bob: ", b"Secret9\n")])
        assert status == 0
        assert b"right: bob" in seen


def test_check_tells_right_from_wrong():
    with users_file(None) as path:
        batch(path, "[a]\nsrp_userid=alice\nsrp_password=old\n"
              "[b]\nsrp_userid=alice\nsrp_password=new\n"
              "[c]\nsrp_password=old\n")
        for password, out in ((b"old\n", b"right: a\n"),
                              (b"new", b"right: b\n")):
            assert run(PASSWD, "-f", path, "--check", "alice",
                       stdin=password) == (0, out, "")
        for password in b"ol\n", b"old  .\n", b"Old\n", b"oldnew\n":
            fails(1, "not the password of alice", PASSWD, "-f", path,
                  "--check", "alice", stdin=password)
        fails(67, "has no user a", PASSWD, "-f", path, "--check", "a")
        fails(65, "is empty", PASSWD, "-f", path, "--check", "alice",
              stdin=b"\n")
        # One verifier of three that is another's: not right
        values = entries(path)
        put(path, get(path).replace(
            values["a"]["srp_verifier_SRP-2048"],
            values["b"]["srp_verifier_SRP-2048"]))
        fails(1, "not the password", PASSWD, "-f", path, "--check", "alice",
              stdin=b"old\n")


def test_batch_says_what_it_changed():
    with users_file(None) as path:
        text = ("# comment\n[bob]\nsrp_password=b = ;,\u00fc\n\n"
                "[alice]\nsrp_password=0x0b\nexpires=0099\n"
                "initiators=IQN.2026-01.a:B , iqn.2026-01.c:d\n"
                "tpgt=01,2\nnote=Z\u00fcrich; a=b, \"c\"\nenabled=0\n")
        assert batch(path, text) == (0, b"added alice\nadded bob\n", "")
        before = get(path)
        found = entries(path)
        assert list(found) == ["alice", "bob"]
        for name, value in (
                ("expires", "99"), ("note", "Z\u00fcrich; a=b, \"c\""),
                ("initiators", "iqn.2026-01.a:b iqn.2026-01.c:d"),
                ("tpgt", "1 2"), ("enabled", "0")):
            assert found["alice"][name] == value
        # Doing it again does nothing
        assert batch(path, text) == (0, b"", "")
        assert get(path) == before
        assert run(PASSWD, "-f", path, "--check", "bob",
                   stdin="b = ;,\u00fc\n".encode())[0] == 0
        # Only what is named changes; an empty value unsets
        assert batch(path, "[alice]\nnote=\nexpires=100\n[bob]\n") == (
            0, b"changed alice\n", "")
        found["alice"]["expires"] = "100"
        del found["alice"]["note"]
        assert entries(path) == found
        assert batch(path, "[bob]\nremove=1\n[carol]\nremove=1\n") == (
            0, b"removed bob\n", "")
        assert list(entries(path)) == ["alice"]
        assert batch(path, "") == (0, b"", "")


def test_batch_rotates_with_one_salt():
    with users_file(None) as path:
        batch(path, "[alice]\nsrp_password=old\n")
        batch(path, "[alice 2]\nsrp_userid=alice\nsrp_password=new\n"
              "[alice]\nexpires=4000000000\n")
        found = entries(path)
        old, new = found["alice"], found["alice 2"]
        assert old["srp_salt"] == new["srp_salt"]
        assert old["srp_verifier_SRP-1536"] != new["srp_verifier_SRP-1536"]
        assert (old["expires"], new.get("expires")) == ("4000000000", None)


def test_groups_stay_those_of_the_user():
    def groups(label):
        return [g for g in GROUPS if "srp_verifier_" + g in
                entries(path)[label]]

    with users_file(None) as path:
        batch(path, "[a]\nsrp_password=old\n", "-g", "SRP-1536,MODP-4096")
        batch(path, "[a]\nsrp_password=new\n")
        batch(path, "[b]\nsrp_userid=a\nsrp_password=newer\n")
        for label in "ab":
            assert groups(label) == ["SRP-1536", "MODP-4096"]
        batch(path, "[b]\nsrp_password=newer\n", "-g", "SRP-1536")
        assert groups("b") == ["SRP-1536"]
        # Another user gets another salt, the same user never
        salt = entries(path)["a"]["srp_salt"]
        batch(path, "[a]\nsrp_password=newest\n")
        assert entries(path)["a"]["srp_salt"] == salt
        batch(path, "[a]\nsrp_userid=c\nsrp_password=p\n")
        assert entries(path)["a"]["srp_salt"] != salt


def test_expires_in_days():
    with users_file() as path:
        before = int(time.time())
        assert batch(path, "[alice]\nexpires=7d\n")[0] == 0
        after = int(time.time())
        expires = int(entries(path)["alice"]["expires"])
        assert before <= expires - 7 * 86400 <= after
        for text in "0d", "d", "-1d", "1000000d", "7 d", "7dd":
            refused(path, "[alice]\nexpires=%s\n" % text, "such as 7d")
    with users_file(FIRST + VALID + "expires=7d\n") as path:
        fails(65, "expires must be a time", PASSWD, "-f", path, "--check",
              "alice")


def test_entry_without_a_user_gets_its_own_name():
    for args, stdin in (("bob",), b"pw\n"), (
            ("--batch",), b"[bob]\nsrp_password=pw\n"):
        with users_file(FIRST + "[bob]\nenabled=0\n") as path:
            fails(67, "has no user bob", PASSWD, "-f", path, "--check", "bob")
            assert run(PASSWD, "-f", path, *args, stdin=stdin)[0] == 0
            assert run(PASSWD, "-f", path, "--check", "bob", stdin=b"pw") == (
                0, b"right: bob\n", "")
            assert entries(path)["bob"]["enabled"] == "0"


def test_batch_takes_verifiers():
    code, out, _ = run(PASSWD, "carol", stdin=b"pw\n")
    assert code == 0
    with users_file() as path:
        assert batch(path, "[c]\n" + out.decode())[1] == b"added c\n"
        assert run(PASSWD, "-f", path, "--check", "carol", stdin=b"pw\n") == (
            0, b"right: c\n", "")
        values = entries(path)["c"]
        del values["enabled"]
        assert values == parse(out)
        # However it is written
        assert batch(path, "[c]\nsrp_salt=0X%s\n"
                     % values["srp_salt"].upper()) == (0, b"", "")


BAD_VALUES = (
    ("srp_salt=0", "srp_salt must be"), ("srp_salt=xy", "srp_salt must be"),
    ("srp_salt=0x", "srp_salt must be"),
    ("srp_salt=" + "00" * 1025, "1 to 1024 bytes"),
    ("srp_verifier_SRP-1536=123", "hexadecimal"),
    ("srp_verifier_SRP-1536=0g", "hexadecimal"),
    ("srp_verifier_SRP-1536=0000", "must not be 0"),
    ("srp_verifier_SRP-1536=" + N1536, "must be below N"),
    ("srp_verifier_SRP-1536=" + "ff" * 193, "must be below N"),
    ("srp_verifier_SRP-999=02", "unknown group 'SRP-999'"),
    ("srp_verifier_=02", "unknown group ''"),
    ("srp_userid=" + "u" * 256, "longer than 255"),
    ("srp_userid=a\tb", "control character"),
    ("srp_userid=NULL", "unset"), ("srp_userid= a", "space"),
    ("enabled=yes", "enabled must be"), ("enabled=2", "0 or 1"),
    ("expires=0", "expires must be"), ("expires=-1", "expires must be"),
    ("expires=9223372036854775808", "expires must be"),
    ("expires=tomorrow", "expires must be"), ("expires=1 ", "expires must be"),
    ("note=" + "n" * 256, "255 bytes"), ("note=NULL", "unset"),
    ("initiators=host", "initiators must be"), ("initiators=,", "must be"),
    ("initiators=iqn." + "n" * 220, "initiators must be"),
    ("tpgt=65536", "tpgt must be"), ("tpgt=-1", "tpgt must be"),
    ("tpgt= ", "tpgt must be"), ("tpgt=x", "tpgt must be"),
    ("password=pw", "unknown name 'password'"), ("Enabled=1", "'Enabled'"),
    ("enabled", "must be [LABEL] or NAME=VALUE"),
    ("[alice", "must be [LABEL] or NAME=VALUE"),
    ("[]", "1 to 255"), ("[" + "l" * 256 + "]", "1 to 255"),
    ("[a/b]", "directory"), ("[..]", "directory"),
    ("[a\tb]", "control"), ("enabled=1\nenabled=0", "listed twice"),
)


def test_bad_values_in_a_batch():
    for line, part in BAD_VALUES:
        with users_file() as path:
            refused(path, "[x]\nsrp_password=p\n\n%s\n" % line, part)
            refused(path, "[x]\nsrp_password=p\n\n%s\n" % line,
                    "standard input, line %d" % (4 + line.count("\n")))
    for text, part in (
            (b"[x]\nsrp_userid=\xff\n", "not valid UTF-8"),
            (b"[x]\nnote=\xff\n", "UTF-8"), (b"[\xff]\n", "UTF-8"),
            (b"[x]\nsrp_password=a\0b\n", "NUL byte"),
            (b"[x]\nsrp_password=\xff\n", "not valid UTF-8"),
            ("[x]\nsrp_password=\n", "srp_password is empty"),
            ("[x]\nsrp_password=" + "p" * 256, "longer than 255"),
            ("[x]\nsrp_password=dos\r\n", "carriage return"),
            ("enabled=1\n", "must follow a [LABEL]"),
            ("[x]\n[x]\n", "is listed twice"),
            ("[x]\nremove=0\n", "must be 1"),
            ("[x]\nsrp_userid=x\n", "needs srp_password, or"),
            ("[x]\nsrp_salt=00\n", "needs srp_password, or"),
            ("[x ]\nsrp_password=p\n", "no user name: it begins or ends"),
            ("[alice]\nsrp_userid=bob\n", "needs a new srp_password"),
            ("[alice]\nsrp_userid=bob\nsrp_salt=00\n", "needs a new srp_p"),
            ("[alice]\nsrp_salt=00\n", "changes srp_salt, so it needs all"),
            ("[alice]\nsrp_salt=00\nsrp_verifier_SRP-2048=02\n", "needs all"),
            ("[x]\nsrp_password=p\nsrp_password=q\n", "line 3: srp_password is"),
            ("[x]\nsrp_password=p\nsrp_salt=00\n", "remove one of them"),
            ("[x]\nsrp_password=p\nsrp_verifier_SRP-1536=02\n", "remove one"),
            ("[alice]\nsrp_verifier_SRP-1536=\n", "needs srp_password, or"),
            # The first is fine, yet all or nothing
            ("[a]\nsrp_password=p\n[b]\nenabled=1\nsrp_salt=0\n", "line 5")):
        with users_file() as path:
            refused(path, text, part)


def test_bad_values_in_a_file():
    for line, part in BAD_VALUES:
        with users_file(FIRST + VALID + "[x]\n%s\n" % line) as path:
            fails(65, part, PASSWD, "-f", path, "--check", "alice")
            fails(65, "%s, line %d" % (path, 9 + line.count("\n")), PASSWD,
                  "-f", path, "--check", "alice")
    for text, part in (("", "not a users file"), ("\n", "not a users file"),
                       ("iscsi-srp-users 2\n", "not a users file"),
                       ("iscsi-srp-users 10\n", "not a users file"),
                       ("root:x:0:0::/root:/bin/sh\n", "not a users file"),
                       (FIRST + "\0", "NUL byte"),
                       (FIRST + "[a]\nsrp_password=p\n", "'srp_password'"),
                       (FIRST + "[a]\nremove=1\n", "'remove'"),
                       (FIRST + "[a]\nnote=\n", "remove the line"),
                       (FIRST + VALID + VALID, "alice is listed twice")):
        with users_file(text) as path:
            before = get(path)
            fails(65, part, PASSWD, "-f", path, "--batch", stdin=b"")
            assert get(path) == before


def test_file_that_others_can_read():
    for mode in 0o640, 0o604, 0o620, 0o602, 0o610, 0o666:
        with users_file() as path:
            os.chmod(path, mode)
            fails(77, "has mode %04o" % mode, PASSWD, "-f", path, "alice")
            fails(77, "chmod 600", PASSWD, "-f", path, "--check", "alice")
            fails(77, "chmod 600", PASSWD, "-f", path, "--apply", "/tmp")
            assert get(path) == FIRST + VALID


def test_file_that_is_none():
    with users_file() as path:
        link = path + ".link"
        os.symlink(path, link)
        fails(66, "is a symbolic link", PASSWD, "-f", link, "alice")
        os.unlink(link)
        directory = os.path.dirname(path)
        fails(65, "not a regular file", PASSWD, "-f", directory, "alice")
        os.mkfifo(link, 0o600)
        fails(65, "not a regular file", PASSWD, "-f", link, "alice")
        fails(66, "No such file", PASSWD, "-f", path + "x", "--check", "a")
        fails(66, "No such file", PASSWD, "-f", path + "x", "--apply", "/tmp")
        fails(73, "No such file", PASSWD, "-f", path + "x/y", "alice")


def test_file_without_permission():
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody without permission")
    with users_file() as path, public_copy(PASSWD) as program:
        fails(77, "Permission denied", program, "-f", path, "--check",
              "alice", preexec_fn=become_nobody)
        os.chmod(os.path.dirname(path), 0o755)
        os.chown(path, 65534, 65534)
        # It may be read, but not replaced
        fails(77, "not changed: Permission denied", program, "-f", path,
              "alice", preexec_fn=become_nobody)
        assert get(path) == FIRST + VALID
        # Another user's
        os.chown(path, 65533, 65533)
        fails(77, "belongs to user 65533", PASSWD, "-f", path, "alice")


def test_disk_that_fails():
    """Changes are reported only once they are on disk"""
    libseccomp = ctypes.util.find_library("seccomp")
    if not libseccomp:
        return "no libseccomp"
    seccomp = ctypes.CDLL(libseccomp)
    seccomp.seccomp_init.restype = ctypes.c_void_p

    def no_fsync():
        allow, errno_eio = 0x7fff0000, 0x00050000 | errno.EIO
        rules = ctypes.c_void_p(seccomp.seccomp_init(allow))
        if seccomp.seccomp_rule_add(
                rules, errno_eio,
                seccomp.seccomp_syscall_resolve_name(b"fsync"), 0) or \
                seccomp.seccomp_load(rules):
            os._exit(127)

    with users_file() as path:
        fails(73, "not changed: Input/output error", PASSWD, "-f", path,
              "bob", preexec_fn=no_fsync)
        assert get(path) == FIRST + VALID
        assert os.listdir(os.path.dirname(path)) == ["users"]
    if os.geteuid() != 0:
        pytest.skip("only root can become somebody without permission")
    # It can be written to, but not opened to bring it to the disk
    with users_file() as path, public_copy(PASSWD) as program:
        directory = os.path.dirname(path)
        os.chown(path, 65534, 65534)
        os.chown(directory, 65534, 65534)
        os.chmod(directory, 0o300)
        fails(77, "replaced, but its directory is not synced to disk: "
              "Permission denied", program, "-f", path, "bob",
              preexec_fn=become_nobody)
        assert list(entries(path)) == ["alice", "bob"]


def test_first_users_at_the_same_time_are_all_added():
    for _ in range(3):
        with users_file(None) as path:
            got = []
            threads = [threading.Thread(target=lambda n: got.append(batch(
                path, "[u%d]\nsrp_password=p\n" % n, "-g", "SRP-1536")),
                args=(n,)) for n in range(4)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            assert sorted(got) == [(0, b"added u%d\n" % n, "")
                                   for n in range(4)]
            assert list(entries(path)) == ["u%d" % n for n in range(4)]


def test_signal_leaves_no_temporary_file():
    text = "".join("[user%d]\nsrp_salt=00\nsrp_verifier_MODP-8192=%08x\n"
                   % (n, 1 + n) for n in range(5000)).encode()
    for sig in signal.SIGTERM, signal.SIGINT, signal.SIGHUP:
        with users_file() as path, subprocess.Popen(
                [PASSWD, "-f", path, "--batch"], stdin=subprocess.PIPE,
                stdout=subprocess.DEVNULL) as p:
            p.stdin.write(text)
            p.stdin.close()
            while os.listdir(os.path.dirname(path)) == ["users"]:
                assert p.poll() is None
            p.send_signal(sig)
            assert p.wait() in (0, -sig)
            assert os.listdir(os.path.dirname(path)) == ["users"]
            assert len(entries(path)) == 5001


def test_input_without_end():
    with users_file() as path, open("/dev/zero", "rb") as endless:
        done = subprocess.run(
            [PASSWD, "-f", path, "--batch"], stdin=endless, check=False,
            stderr=subprocess.PIPE, timeout=60)
        assert done.returncode == 65
        assert b"standard input is longer than 128 MiB" in done.stderr
        os.truncate(path, 200 << 20)
        fails(65, "users is longer than 128 MiB", PASSWD, "-f", path,
              "--check", "alice")


def test_errors_do_not_control_the_terminal():
    with users_file() as path:
        for bad in "\x1b]0;title\x07", "\x9b2J", "\x7f":
            refused(path, "[x]\nsrp_password=p\n%s=1\n" % bad, "name '?")
            for args in (("-f", path + bad, "--check", "alice"),
                         ("-g", bad, "alice")):
                err = run(PASSWD, *args, stdin=b"pw")[2]
                assert "?" in err and bad not in err
                assert not set(err) & set("\x1b\x07\x7f\x9b")


def test_exit_codes_without_standard_files():
    def close(*fds):
        def close_them():
            for fd in fds:
                os.close(fd)
        return close_them

    for fds in (2,), (1, 2), (0, 1, 2):
        with users_file() as path:
            def status(*args, stdin=b"pw\n"):
                return subprocess.run(
                    (PASSWD, "-f", path) + args, input=stdin, check=False,
                    stdout=subprocess.DEVNULL,
                    preexec_fn=close(*fds)).returncode
            expected = 74 if 0 in fds else 1
            assert status("--check", "alice") == expected
            assert status("--check", "nobody") == 67
            assert get(path) == FIRST + VALID
            if fds == (2,):
                assert status("--batch", stdin=b"[x]\nbad\n") == 65
                assert get(path) == FIRST + VALID


def test_example_of_the_man_page():
    """A here-document without quotes would change passwords with a $"""
    with open(os.path.join(os.path.dirname(os.path.realpath(__file__)),
                           "../iscsi-srp-passwd.8"), encoding="utf-8") as f:
        lines = [line for line in f if "<<" in line]
    assert len(lines) == 1 and lines[0].endswith("<<'END'\n")


def test_file_that_another_program_makes_meanwhile():
    with users_file(None) as path:
        with subprocess.Popen(
                [PASSWD, "-f", path, "--batch"], stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.PIPE) as slow:
            # More than a pipe holds: some of it is read, so it has looked
            slow.stdin.write(b"#" * (1 << 20) + b"\n")
            slow.stdin.flush()
            put(path, FIRST + VALID)
            before = get(path)
            _, err = slow.communicate(b"[b]\nsrp_password=p\n")
        assert slow.returncode == 73
        assert "not changed: File exists" in err.decode()
        assert get(path) == before


def test_disk_that_is_full():
    if os.geteuid() != 0:
        pytest.skip("only root can mount")
    with tempfile.TemporaryDirectory() as directory:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8k",
                               "none", directory], check=False,
                              stderr=subprocess.PIPE)
        if done.returncode:
            return "cannot mount: " + done.stderr.decode().strip()
        try:
            path = os.path.join(directory, "users")
            put(path, FIRST + VALID)
            text = "".join("[u%d]\nsrp_password=p\n" % n for n in range(9))
            refused(path, text, "not changed: No space left on device",
                    code=73)
            # There is room for less
            assert batch(path, "[u]\nsrp_password=p\n", "-g",
                         "SRP-1536")[0] == 0
        finally:
            subprocess.run(["umount", directory], check=True)


def test_output_that_is_full():
    with users_file() as path, open("/dev/full", "wb") as full:
        code, _, err = run(PASSWD, "-f", path, "--batch", stdout=full,
                           stdin=b"[bob]\nsrp_password=p\n")
        assert code == 74
        assert "standard output: No space left" in err
        assert list(entries(path)) == ["alice", "bob"]


def test_changes_at_the_same_time_are_all_made():
    with users_file() as path:
        threads = [threading.Thread(target=batch, args=(
            path, "[u%d]\nsrp_password=p\n" % n, "-g", "SRP-1536"))
            for n in range(12)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert set(entries(path)) == {"alice"} | {
            "u%d" % n for n in range(12)}
        assert os.listdir(os.path.dirname(path)) == ["users"]


def test_ten_thousand_users():
    with users_file(None) as path:
        text = "".join(
            "[user%d]\nsrp_salt=00\n%s" % (n, "".join(
                "srp_verifier_%s=%08x\n" % (name, 1 + n)
                for name in GROUPS[3:6])) for n in range(10000))
        code, out, err = batch(path, text)
        assert (code, err, out.count(b"\n")) == (0, "", 10000)
        assert batch(path, text) == (0, b"", "")
        assert batch(path, "[user5000]\nnote=x\n") == (
            0, b"changed user5000\n", "")


def table(directory, values):
    """A directory with the files of a table's entries"""
    for label, wanted in values.items():
        os.makedirs(os.path.join(directory, label))
        for name in NAMES:
            put(os.path.join(directory, label, name),
                wanted.get(name, "") + "\n")


def shown(directory, label):
    return {name: value for name in NAMES if (
        value := get(os.path.join(directory, label, name)).strip())}


def test_table_that_refuses_one_user():
    with users_file() as path:
        directory = path + ".d/srp_users"
        batch(path, "[bob]\nsrp_password=p\nnote=x\n[carol]\nsrp_password=p\n"
              "[carol 2]\nsrp_userid=carol\nsrp_password=p\n",
              "-g", "SRP-1536")
        old = entries(path)
        table(directory, old)
        assert run(PASSWD, "-f", path, "--apply", directory) == (0, b"", "")
        # A value that is too long for the limit; bob's note is not
        batch(path, "[alice]\nsrp_password=new\nnote=y\n"
              "[carol]\nsrp_password=new\n", "-g", "SRP-1536,MODP-3072")
        batch(path, "[bob]\nnote=z\n[carol 2]\nnote=c\n")
        code, out, err = run(PASSWD, "-f", path, "--apply", directory,
                             preexec_fn=limit_files(500))
        assert (code, out) == (74, b"changed bob: note\n")
        for label in "alice", "carol":
            assert "/%s/srp_verifier_MODP-3072: Input" % label in err
            assert shown(directory, label) == old[label]
        assert "carol 2: not changed, because another" in err
        assert "3 entries are unchanged" in err
        assert shown(directory, "bob")["note"] == "z"
        # Without the limit it does the rest; first it says so
        assert run(PASSWD, "-f", path, "--apply", directory, "--dry-run") == (
            0, b"".join(b"changed %s\n" % what for what in (
                b"alice: srp_verifier_SRP-1536, srp_verifier_MODP-3072, note",
                b"carol: srp_verifier_SRP-1536, srp_verifier_MODP-3072",
                b"carol 2: note")), "")
        for label in "alice", "carol", "carol 2":
            assert shown(directory, label) == old[label]
        assert run(PASSWD, "-f", path, "--apply", directory)[0] == 0
        for label, values in entries(path).items():
            assert shown(directory, label) == values


def test_salt_is_written_before_verifiers():
    with users_file() as path:
        directory = path + ".d/srp_users"
        batch(path, "[alice]\nremove=1\n[bob]\nsrp_password=p\n",
              "-g", "SRP-1536")
        old = entries(path)
        table(directory, old)
        batch(path, "[bob]\nremove=1\n")
        batch(path, "[bob]\nsrp_password=p\n", "-g", "SRP-1536")
        assert entries(path)["bob"]["srp_salt"] != old["bob"]["srp_salt"]
        # The first value that is too long
        err = run(PASSWD, "-f", path, "--apply", directory,
                  preexec_fn=limit_files(20))[2]
        assert "/bob/srp_salt: " in err


def test_entries_of_others_in_a_table():
    def lines(*args):
        code, out, err = run(PASSWD, "-f", path, "--apply", directory, *args)
        return code, out.decode().splitlines(), err

    with users_file() as path:
        directory = path + ".d/srp_users"
        batch(path, "".join("[%s]\nsrp_password=p\n" % name for name in (
            "ours", "theirs", "nobodys", "gone", "theirs gone", "left")),
              "-g", "SRP-1536")
        table(directory, entries(path))
        for label, source in (("ours", "iscsi-srp-passwd"), ("nobodys", ""),
                              ("theirs", "targetcli"), ("left", "NULL"),
                              ("gone", "iscsi-srp-passwd"),
                              ("theirs gone", "targetcli")):
            put(os.path.join(directory, label, "source"), source + "\n")
        batch(path, "".join("[%s]\nnote=x\n" % name for name in (
            "ours", "theirs", "nobodys")) + "".join(
                "[%s]\nremove=1\n" % name for name in (
                    "gone", "theirs gone", "left")))
        code, out, err = lines("--dry-run")
        assert (code, sorted(out)) == (65, [
            "changed nobodys: note, source", "changed ours: note", "removed gone"])
        assert "/theirs: belongs to targetcli; delete it there, or use" in err
        assert "/left has no source and is not in the file: it stays" in err
        assert "theirs gone" not in err
        os.rename(directory + "/gone", path + ".gone")
        batch(path, "[theirs]\nremove=1\n")
        assert lines()[0] == 0
        for label, source in (("ours", "iscsi-srp-passwd"), ("theirs", "targetcli"),
                              ("nobodys", "iscsi-srp-passwd"), ("left", "NULL")):
            assert get(os.path.join(directory, label, "source")) == source + "\n"
        assert lines()[:2] == (0, [])
        # Exported is what --apply would not refuse
        os.unlink(path)
        assert run(PASSWD, "-f", path, "--export", directory) == (0, b"", "")
        assert sorted(entries(path)) == ["alice", "left", "nobodys", "ours"]


def test_table_that_is_none():
    with users_file() as path:
        before = get(path)
        directory = path + ".d/srp_users"
        for mode in "--apply", "--export":
            fails(69, "on a kernel whose LIO supports SRP", PASSWD, "-f",
                  path, mode, directory)
            # Nothing is removed from another directory
            fails(64, "is not a users table", PASSWD, "-f", path, mode,
                  os.path.dirname(path))
        os.makedirs(directory)
        fails(69, "/alice/srp_userid: No such file", PASSWD, "-f",
              path, "--apply", directory)
        assert (os.listdir(directory), get(path)) == ([], before)
        os.mkdir(directory + "/bob")
        fails(69, "/bob/srp_verifier_SRP-768: No such file", PASSWD, "-f",
              path, "--export", directory)
        assert get(path) == before
        os.mkdir(directory + "/alice")
        fails(69, "/alice/srp_verifier_SRP-768: No such file", PASSWD, "-f",
              path, "--apply", directory + "/../srp_users/")
        assert sorted(os.listdir(directory)) == ["alice", "bob"]
