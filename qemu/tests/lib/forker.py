# SPDX-License-Identifier: GPL-2.0-or-later
"""Run targetcli and targetctl without loading their modules for each run.

Most of the time of a short targetcli command in a guest is Python's start.  Forker
starts Python once for an environment and loads the modules; each run is a child of
that process, with its own arguments, environment, standard input and output.
"""
import contextlib
import gc
import importlib
import inspect
import json
import os
import runpy
import socket
import subprocess
import sys
import tempfile
import threading
import traceback

MODULES = ("targetcli", "targetcli.targetcli_shell", "targetcli.srp_shell",
           "rtslib_fb", "configshell_fb", "fcntl", "readline", "six", "subprocess",
           "termios")
MESSAGE = 1 << 16                       # a request's bytes at most


class Forker:
    """The process that has loaded the modules; it ends with this one."""

    def __init__(self, env):
        self.sock, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.lock = threading.Lock()
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen(
            ["/usr/bin/python3", os.path.realpath(__file__), str(theirs.fileno())],
            env=env, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()

    def run(self, command, stdin, env, timeout):
        """Run a program; return (exit status, output)."""
        request = json.dumps({"argv": command, "env": env}).encode()
        with self.lock, tempfile.TemporaryFile() as output, \
                stdin_pipe(stdin) as source:
            socket.send_fds(self.sock, [request], [source, output.fileno()])
            self.sock.settimeout(timeout)
            status = int(self.sock.recv(MESSAGE))
            output.seek(0)
            return status, output.read()


@contextlib.contextmanager
def stdin_pipe(data):
    """The read end of a pipe that contains data and then ends."""
    source, sink = os.pipe()
    try:
        os.write(sink, data)            # short: it fits into the pipe
    finally:
        os.close(sink)
    try:
        yield source
    finally:
        os.close(source)


def callers():
    """The part of inspect.stack() that configshell uses for each debug message.

    The whole reads the sources of all frames: half the time of a command.
    """
    # pylint: disable-next=protected-access
    frame = sys._getframe(2)
    return [None, (frame, frame.f_code.co_filename, frame.f_lineno,
                   frame.f_code.co_name)]


def run_here(argv, env, source, output):
    """Be the program, in a child of serve(); return its exit status."""
    os.dup2(source, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    os.environ.clear()
    os.environ.update(env)
    sys.argv = argv
    sys.path[0] = os.path.dirname(argv[0])
    try:
        runpy.run_path(argv[0], run_name="__main__")
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return (end.code or 0) & 0xff
        print(end.code, file=sys.stderr)
        return 1
    except BaseException:               # as Python itself does
        traceback.print_exc()
        return 1
    return 0


def serve(sock):
    for name in MODULES:
        with contextlib.suppress(ImportError):
            importlib.import_module(name)
    inspect.stack = callers
    # The guest has no tcmu-runner: do not look for it on D-Bus
    targetcli = sys.modules["targetcli.ui_backstore"]
    targetcli.UIBackstores._user_backstores = lambda self: []
    gc.freeze()
    while True:
        request, fds, _, _ = socket.recv_fds(sock, MESSAGE, 2)
        if not request:
            return
        pid = os.fork()
        if pid == 0:
            sock.close()
            status = run_here(source=fds[0], output=fds[1], **json.loads(request))
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(status)            # freeing the modules would copy all pages
        for fd in fds:
            os.close(fd)
        status = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
        sock.send(str(status).encode())


if __name__ == "__main__":
    serve(socket.socket(fileno=int(sys.argv[1])))
