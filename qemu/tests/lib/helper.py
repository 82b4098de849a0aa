# SPDX-License-Identifier: GPL-2.0-or-later
"""The helper's workers, its request-key rule, and fakes in its place."""
import os
import signal

import lio

RULE = "/etc/request-key.d/iscsi_srp.conf"
FAKE = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                    "fakehelper.py")
COMM = "iscsi-srpd"


def workers():
    """Process ids of the helper's workers."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            if lio.read("/proc/%s/comm" % pid) == COMM and \
                    lio.read("/proc/%s/stat" % pid).rsplit(")", 1)[1][1] \
                    not in "ZX":
                found.append(int(pid))
        except (FileNotFoundError, ProcessLookupError):
            pass
    return found


def send_workers(sig):
    for pid in workers():
        try:
            os.kill(pid, sig)
        except ProcessLookupError:
            pass


def keys():
    """(serial, type, description) of every key that root may see."""
    found = []
    with open("/proc/keys", encoding="utf-8") as f:
        for line in f:
            field = line.split(None, 8)
            found.append((int(field[0], 16), field[7], field[8].strip()))
    return found


def end_backoff():
    """Forget negative keys, as an admin can: clear the private keyring."""
    import keyctl
    for serial, kind, description in keys():
        if kind == "keyring" and "iscsi_srp" in description:
            keyctl.clear(serial)


def reset():
    """No workers, no back-off: the next job starts the helper of the rule."""
    def gone():
        send_workers(signal.SIGKILL)
        return not workers()
    lio.wait_for(gone, "the death of the workers")
    lio.wait_for(lambda: not [key for key in keys()
                              if key[1] == "iscsi_srp" and is_live(key)],
                 "the death of the workers' keys")
    end_backoff()


def is_live(key):
    """A worker's key; a negative one has no worker."""
    return ": neg" not in key[2]


class Rule:
    """Another rule, or none, for the time of a with block."""

    def __init__(self, command=None):
        self.rule = "create iscsi_srp * * %s %%k\n" % command if command \
            else None

    def __enter__(self):
        self.before = open(RULE, encoding="utf-8").read()
        reset()
        if self.rule:
            with open(RULE, "w", encoding="utf-8") as f:
                f.write(self.rule)
        else:
            os.unlink(RULE)
        return self

    def __exit__(self, *_):
        with open(RULE, "w", encoding="utf-8") as f:
            f.write(self.before)
        reset()


def no_helper():
    return Rule()


def fake(mode):
    """A fake that behaves as fakehelper.py's MODE says."""
    return Rule("%s %s" % (FAKE, mode))
