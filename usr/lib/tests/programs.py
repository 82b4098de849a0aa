# SPDX-License-Identifier: GPL-2.0-or-later
"""What the tests of our programs share: vectors, exit codes, terminals"""
import contextlib
import errno
import fcntl
import json
import os
import re
import resource
import select
import shutil
import signal
import subprocess
import tempfile
import termios
import time

HERE = os.path.dirname(os.path.realpath(__file__))
VECTORS = os.path.join(HERE, "../../../kunit/vectors/vectors.json")
with open(VECTORS, encoding="utf-8") as file:
    DATA = json.load(file)
GROUPS = list(DATA["groups"])
os.environ["LC_ALL"] = "C.UTF-8"


def limit_files(size):
    """For preexec_fn: a longer value cannot be written, as if the kernel refused it"""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))
    return limit


def run(*args, stdin=b"", **more):
    """(exit code, standard output, standard error)"""
    if "stdout" not in more:
        more["stdout"] = subprocess.PIPE
    p = subprocess.run(args, input=stdin, stderr=subprocess.PIPE, timeout=60,
                       check=False, **more)
    return p.returncode, p.stdout, p.stderr.decode()


def fails(code, part, *args, stdin=b"pw\n", **more):
    """The program ends with code and an error that has part, and no output"""
    got, out, err = run(*args, stdin=stdin, **more)
    assert (got, out or b"") == (code, b""), err
    assert part in err


def wait_for(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def become_nobody():
    if os.geteuid() == 0:
        os.setgroups([])
        os.setgid(65534)
        os.setuid(65534)


@contextlib.contextmanager
def public_copy(program):
    """A copy that other users can run, wherever the build is"""
    with tempfile.TemporaryDirectory() as directory:
        os.chmod(directory, 0o755)
        yield shutil.copy(program, directory)


def out_of_reach(program, args, stdin):
    """Others cannot read the program's memory, and it dumps no core"""
    with public_copy(program) as copy, subprocess.Popen(
            [copy] + args, stdin=subprocess.PIPE, preexec_fn=become_nobody,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as p:
        def limited():
            # Root owns these files of a process that cannot be dumped
            proc = "/proc/%d/" % p.pid
            with open(proc + "limits", encoding="ascii") as limits:
                return os.stat(proc + "mem").st_uid == 0 and re.search(
                    r"^Max core file size +0 +0 ", limits.read(), re.M)
        wait_for(limited)
        p.communicate(stdin)
        assert p.returncode == 0


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
        wait_for(lambda: self.echoes() == on)

    def wait_asleep(self):
        """Until the program in the foreground waits for input"""
        def asleep():
            with open("/proc/%d/stat" % os.tcgetpgrp(self.fd),
                      encoding="ascii") as f:
                return f.read().rpartition(")")[2].split()[0] == "S"
        wait_for(asleep)

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
        assert not terminal.echoes()
        terminal.type(answer)
    status, rest = terminal.end()
    return status, seen + rest
