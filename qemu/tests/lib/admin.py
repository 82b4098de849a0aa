# SPDX-License-Identifier: GPL-2.0-or-later
"""Run targetcli and targetctl, patched and unpatched, like an admin."""
import glob
import json
import os
import pty
import select
import shutil
import subprocess

import expect
from forker import Forker
from initiator import NAME, TARGET

SAVED = "/etc/rtslib-fb-target"
SAVE_FILE = SAVED + "/saveconfig.json"
HOME = os.path.expanduser("~/.targetcli")
IMAGE = "/run/disk.img"
IQN = "/iscsi/" + TARGET
TPG = IQN + "/tpg1"
ACL = "%s/acls/%s" % (TPG, NAME)
# The patched tools of Debian 12 are installed; the other versions are in the
# directories made by usr/rtslib/build.sh and usr/targetcli/build.sh
OTHERS = "/usr/lib/lio-srp/"
DEFAULT = "LIO_SRP_TOOLS"               # in the environment: instead of Debian 12's
forkers = {}                            # by tools


def environment(tools=None):
    """Environment of a program; tools: "newest", "newest-plain", "debian12-plain"."""
    env = {name: value for name, value in os.environ.items()
           if not name.startswith("PYTHON")}
    tools = tools or env.get(DEFAULT)
    if tools:
        env["PYTHONPATH"] = OTHERS + tools
        env["PATH"] = "%s%s/bin:%s" % (OTHERS, tools, env["PATH"])
    return env


def use_newest():
    """Use the newest version, if it is there, where a test names none."""
    if os.path.isdir(OTHERS + "newest"):
        os.environ[DEFAULT] = "newest"
        os.environ.update(environment("newest"))


def newest():
    """Whether that is so."""
    return DEFAULT in os.environ


def unpatched():
    """The same version without our patches, as tools."""
    return "newest-plain" if newest() else "debian12-plain"


def need_newest():
    if not os.path.isdir(OTHERS + "newest"):
        expect.skip("the newest rtslib-fb and targetcli-fb could not be fetched")


def run(program, *words, stdin="", tools=None):
    """Run targetcli or targetctl; return (exit status, output)."""
    env = environment(tools)
    if tools not in forkers:
        forkers[tools] = Forker(env)
    path = shutil.which(program, path=env["PATH"])
    status, output = forkers[tools].run([path, *words], stdin.encode(), env, 60)
    return status, output.decode(errors="replace")


def start(*command, stdin="", tools=None):
    """Run any program, without Forker; return (exit status, output)."""
    done = subprocess.run(command, input=stdin.encode(), check=False,
                          env=environment(tools), timeout=60,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    return done.returncode, done.stdout.decode(errors="replace")


def must(*command, **how):
    status, output = run(*command, **how)
    if status:
        raise AssertionError("%s: status %d: %s" % (" ".join(command), status,
                                                    output))
    return output


def targetcli(*words, **how):
    """Run a command that must succeed; return its output."""
    return must("targetcli", *words, **how)


def refused(*words, **how):
    """Run a command that must fail; return its output."""
    status, output = run("targetcli", *words, **how)
    expect.true(status not in (0, 125), "targetcli %s: status %d: %s" % (
        " ".join(words), status, output))
    expect.true("Traceback" not in output, output)
    return output


def create_image():
    """The file of the disk."""
    with open(IMAGE, "wb") as f:
        f.truncate(16 << 20)


def create(**how):
    """Create a target with a disk and an ACL, without SRP."""
    create_image()
    for words in (["/backstores/fileio", "create", "disk", IMAGE],
                  ["/iscsi", "create", TARGET],
                  [TPG + "/luns", "create", "/backstores/fileio/disk"],
                  [TPG + "/acls", "create", NAME]):
        targetcli(*words, **how)


def srp_only(**how):
    targetcli(TPG, "set", "attribute", "authentication=1", **how)
    targetcli(TPG, "set", "parameter", "AuthMethod=SRP", **how)


def password(where=ACL, user="alice", secret="password123", *more, **how):
    """Set user and password; pass the password on standard input."""
    return targetcli(where, "srp_password", user, *more, stdin=secret + "\n",
                     **how)


def save(path=SAVE_FILE, **how):
    """Save; return the bytes of the file, with sorted keys."""
    targetcli("saveconfig", path, **how)
    with open(path, "rb") as f:
        data = f.read()
    expect.equal(os.stat(path).st_mode & 0o7777, 0o600, "mode of " + path)
    expect.equal(json.dumps(json.loads(data.decode()), sort_keys=True,
                            indent=2) + "\n", data.decode(), "sorted JSON")
    return data


def clear(**how):
    targetcli("clearconfig", "confirm=True", **how)


def restore(path=SAVE_FILE, **how):
    """Run targetctl restore; return its output."""
    return run("targetctl", "restore", path, **how)[1]


def forget():
    """Remove everything that this test has left."""
    clear()
    for path in [HOME] + glob.glob(SAVED + "/*"):
        if os.path.isdir(path):
            shutil.rmtree(path)
        else:
            os.remove(path)


class Terminal:
    """A program on its own terminal, and its output."""

    def __init__(self, *command, **how):
        self.shown, self.seen = "", 0
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            env = environment(**how)
            env["TERM"] = "dumb"
            os.execvpe(command[0], command, env)

    def until(self, text, seconds=20):
        """Read until text appears after the text of the previous call."""
        while text not in self.shown[self.seen:]:
            ready = select.select([self.fd], [], [], seconds * expect.PATIENCE)
            try:
                more = os.read(self.fd, 4096) if ready[0] else b""
            except OSError:             # the other end was closed
                more = b""
            if not more:
                raise AssertionError("no %r on the terminal: %r" % (
                    text, self.shown[-2000:]))
            self.shown += more.decode(errors="replace")
        self.seen = self.shown.index(text, self.seen) + len(text)

    def type(self, text):
        os.write(self.fd, text.encode())

    def end(self):
        """Read the rest; return the exit status."""
        try:
            while True:
                more = os.read(self.fd, 4096)
                if not more:
                    break
                self.shown += more.decode(errors="replace")
        except OSError:
            pass
        status = os.waitpid(self.pid, 0)[1]
        os.close(self.fd)
        return os.WEXITSTATUS(status) if os.WIFEXITED(status) else -1
