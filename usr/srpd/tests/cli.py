#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""Test iscsi-srpd and iscsi-srp-passwd as programs; prints TAP.

    cli.py DIR      the directory with the built programs

Verifiers are checked against Python's own arithmetic.
"""
import contextlib
import ctypes
import errno
import fcntl
import hashlib
import json
import os
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import traceback

HERE = os.path.dirname(os.path.realpath(__file__))
VECTORS = os.path.join(HERE, "../../../kunit/vectors/vectors.json")
SRPD, PASSWD = (os.path.join(sys.argv[1], name)
                for name in ("iscsi-srpd", "iscsi-srp-passwd"))
with open(VECTORS, encoding="utf-8") as file:
    DATA = json.load(file)
GROUPS = list(DATA["groups"])
FILES = ["srp_userid", "srp_salt"] + ["srp_verifier_" + g for g in GROUPS]
EPHEMERAL, SESSION = 1, 2
OK, BAD_JOB = 0, 1
JOB = struct.Struct("=IHHQIHHH6x1024s1024s1024s")
RESULT = struct.Struct("=IHHQII")

TESTS = []


def test(function):
    TESTS.append(function)
    return function


def run(*args, stdin=b"", **more):
    """(exit code, standard output, standard error)"""
    if "stdout" not in more:
        more["stdout"] = subprocess.PIPE
    p = subprocess.run(args, input=stdin, stderr=subprocess.PIPE, timeout=60,
                       check=False, **more)
    return p.returncode, p.stdout, p.stderr.decode()


def expect(got, want):
    if got != want:
        raise AssertionError("got %r, not %r" % (got, want))


def expect_in(part, whole):
    if part not in whole:
        raise AssertionError("%r is not in %r" % (part, whole))


def fails(code, part, *args, stdin=b"pw\n", **more):
    """The program ends with code and an error that has part, and no output"""
    got, out, err = run(*args, stdin=stdin, **more)
    if got != code or part not in err or out:
        raise AssertionError("%s: code %d, output %r, error %r"
                             % (args[1:], got, out, err))


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
        expect((version, reserved), (1, 0))
        data = data[RESULT.size:]
        found.append((op, status, number, data[:length]))
        expect(len(data[:length]), length)
        data = data[length:]
    return found


# iscsi-srpd


@test
def srpd_usage():
    for args, part in (
            ((), "KEY is missing"), (("1", "2"), "KEY is missing, or not"),
            (("x",), "'x'"), (("0",), "'0'"), (("-5",), ""),
            (("12x",), "'12x'"), (("2147483648",), "'2147483648'"),
            (("99999999999999999999",), "is the number of a key"),
            (("--idle", "0", "1"), "1 to 86400"),
            (("--idle", "86401", "1"), "'86401'"),
            (("--idle", "5s", "1"), "'5s'"), (("--idle",), "idle"),
            (("--check", "1"), "KEY is not for this mode"),
            (("--check", "--stdin"), "exclude"), (("--nonsense",), "nonsense")):
        fails(64, part, SRPD, *args)
        fails(64, "--help", SRPD, *args)


@test
def srpd_help_and_version():
    code, out, err = run(SRPD, "--help")
    expect((code, err), (0, ""))
    expect_in(b"--idle SECONDS", out)
    code, out, err = run(SRPD, "--version")
    expect((code, err), (0, ""))
    expect_in(b"iscsi_srp version 1", out)


@test
def srpd_self_test():
    expect(run(SRPD, "--check"), (0, b"self test passed\n", ""))


@test
def srpd_jobs_from_stdin():
    vectors = [v for v in DATA["vectors"]
               if v["group"] != "MODP-8192" or v["id"].endswith("/basic")]
    jobs = b"".join(job(v, op, 10 * n + op) for n, v in enumerate(vectors)
                    for op in (EPHEMERAL, SESSION))
    code, out, err = run(SRPD, "--stdin", stdin=jobs)
    expect((code, err), (0, ""))
    want = []
    for n, v in enumerate(vectors):
        size = DATA["groups"][v["group"]]["bits"] // 8
        want += [(op, OK, 10 * n + op, bytes.fromhex(v[k]).rjust(size, b"\0"))
                 for op, k in ((EPHEMERAL, "B"), (SESSION, "S"))]
    expect(results(out), want)


@test
def srpd_bad_jobs_from_stdin():
    v = DATA["vectors"][0]
    jobs = [job(v, EPHEMERAL, 1, version=2), job(v, SESSION, 2, u=0),
            job(v, 9, 3), job(v, EPHEMERAL, 4, group=10),
            bytes(JOB.size), b"\xff" * JOB.size, job(v, EPHEMERAL, 7)]
    code, out, err = run(SRPD, "--stdin", stdin=b"".join(jobs))
    expect((code, err), (0, ""))
    expect([(r[1], r[2]) for r in results(out)],
           [(BAD_JOB, 1), (BAD_JOB, 2), (BAD_JOB, 3), (BAD_JOB, 4),
            (BAD_JOB, 0), (BAD_JOB, (1 << 64) - 1), (OK, 7)])


@test
def srpd_stdin_that_is_empty_or_cut_off():
    expect(run(SRPD, "--stdin"), (0, b"", ""))
    fails(65, "ends after 100 octets of a job, which has 3104", SRPD,
          "--stdin", stdin=bytes(100))
    # What was whole before is answered
    v = DATA["vectors"][0]
    code, out, err = run(SRPD, "--stdin", stdin=job(v, EPHEMERAL, 5) + b"x")
    expect((code, results(out)[0][2]), (65, 5))
    expect_in("after 1 octet", err)


@test
def srpd_stdout_that_is_full():
    with open("/dev/full", "wb") as full:
        code, _, err = run(SRPD, "--stdin", stdout=full,
                           stdin=job(DATA["vectors"][0], EPHEMERAL))
    expect(code, 74)
    expect_in("No space left", err)


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


@test
def srpd_key_of_nobody_else_than_root():
    with public_copy(SRPD) as program:
        fails(77, "started by request-key(8)", program, "123",
              preexec_fn=become_nobody)


@test
def srpd_key_without_authority():
    if os.geteuid() != 0:
        return "only root gets that far"
    # By hand on a terminal the reason is said there, too
    status, out = on_terminal([SRPD, "123"], [])
    expect(os.waitstatus_to_exitcode(status), 69)
    if b"no authority to instantiate key 123" not in out:
        expect_in(b"user iscsi-srpd does not exist", out)
    return None


@test
def srpd_without_open_files():
    def close_all():
        os.closerange(0, 3)
    p = subprocess.run([SRPD, "x"], preexec_fn=close_all, timeout=10,
                       check=False)
    expect(p.returncode, 64)


# iscsi-srp-passwd


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


@contextlib.contextmanager
def public_copy(program):
    """A copy that other users can run, wherever the build is"""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield shutil.copy(program, directory)


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
    # What cannot be dumped belongs to root in /proc, whoever runs it
    for program, args in ((SRPD, ["--stdin"]), (PASSWD, ["alice"])):
        with public_copy(program) as copy, subprocess.Popen(
                [copy] + args, stdin=subprocess.PIPE, preexec_fn=become_nobody,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
            proc = "/proc/%d/" % p.pid
            end = time.monotonic() + 10
            while os.stat(proc + "mem").st_uid != 0:
                if time.monotonic() > end:
                    raise AssertionError("%s can be dumped" % program)
                time.sleep(0.01)
            with open(proc + "limits", encoding="ascii") as limits:
                expect(re.findall(r"^Max core file size +(\d+) +(\d+)",
                                  limits.read(), re.M), [("0", "0")])
            p.communicate(b"pw\n" if args == ["alice"] else b"")
            expect(p.returncode, 0)


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
    fails(66, "Not a directory", PASSWD, "--configfs", SRPD, "alice")


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


class Terminal:
    """A program on a terminal of its own"""

    def __init__(self, args):
        self.fd, slave = os.openpty()
        self.name = os.ttyname(slave)
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.close(self.fd)
                os.setsid()
                fcntl.ioctl(slave, termios.TIOCSCTTY, 0)
                for fd in range(3):
                    os.dup2(slave, fd)
                os.close(slave)
                # Ignored, for instance, in the background of a shell
                for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                    signal.signal(sig, signal.SIG_DFL)
                os.execv(args[0], args)
            finally:
                os._exit(127)
        os.close(slave)
        self.seen = b""

    def read(self, until, seconds=20):
        """Read until it was seen, or to the end of file with None"""
        end = time.monotonic() + seconds
        while until is None or until not in self.seen:
            left = end - time.monotonic()
            if left <= 0 or not select.select([self.fd], [], [], left)[0]:
                raise AssertionError("%r, not %r" % (self.seen, until))
            try:
                data = os.read(self.fd, 4096)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                data = b""
            if not data:
                if until is None:
                    break
                raise AssertionError("%r ends without %r" % (self.seen, until))
            self.seen += data
        seen, self.seen = self.seen, b""
        return seen

    def echoes(self):
        return bool(termios.tcgetattr(self.fd)[3] & termios.ECHO)

    def wait_echo(self, on):
        end = time.monotonic() + 20
        while self.echoes() != on:
            if time.monotonic() > end:
                raise AssertionError("echo stays %s" % self.echoes())
            time.sleep(0.01)

    def type(self, data):
        # Echo is off once the prompt is there
        os.write(self.fd, data)

    def end(self):
        seen = self.read(None)
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return status, seen


def on_terminal(args, dialogue):
    """Answer prompts; (wait status, everything seen)"""
    terminal = Terminal(args)
    seen = b""
    for prompt, answer in dialogue:
        seen += terminal.read(prompt)
        expect(terminal.echoes(), False)
        terminal.type(answer)
    status, rest = terminal.end()
    return status, seen + rest


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


def main():
    failed = 0
    os.environ["LC_ALL"] = "C.UTF-8"
    print("1..%d" % len(TESTS))
    for number, function in enumerate(TESTS, 1):
        try:
            skip = function()
            print("ok %d - %s%s" % (number, function.__name__,
                                    " # SKIP " + skip if skip else ""))
        except (AssertionError, OSError, ValueError, KeyError,
                subprocess.SubprocessError):
            failed += 1
            print("not ok %d - %s" % (number, function.__name__))
            print("# " + "\n# ".join(traceback.format_exc().splitlines()))
        sys.stdout.flush()
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
