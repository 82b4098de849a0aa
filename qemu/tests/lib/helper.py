# SPDX-License-Identifier: GPL-2.0-or-later
"""The workers of the helper, its request-key rule, and fake helpers."""
import os
import signal

import fakehelper
import keyctl
import lio

RULE = "/etc/request-key.d/iscsi_srp.conf"
PROGRAM = "/usr/sbin/iscsi-srpd"
COMMS = ("iscsi-srpd", fakehelper.COMM)


def processes(*comms):
    """Process IDs by command name, without zombies."""
    found = []
    for pid in filter(str.isdigit, os.listdir("/proc")):
        try:
            state = lio.read("/proc/%s/stat" % pid)
        except (FileNotFoundError, ProcessLookupError):
            continue
        comm = state[state.index("(") + 1:state.rindex(")")]
        if comm in comms and state[state.rindex(")") + 2] not in "ZX":
            found.append(int(pid))
    return found


def workers():
    """Process IDs of the workers, including fakes."""
    return processes(*COMMS)


def only_worker(seconds=5):
    """Process ID of the one worker, as soon as the program that started it, which
    has the same name, has exited."""
    found = []

    def alone():
        # It has instantiated its key: otherwise what is found may be about to start it
        ready = any("I" in flags for _, flags, _, _ in channels())
        found[:] = workers()
        return ready and len(found) == 1
    lio.wait_for(alone, "one worker, and only one", seconds)
    return found[0]


def send_workers(sig):
    """As the package does: last to those that became ready while others were listed.

    A helper that has just been started is not sent a second one: the signal ends it,
    and the kernel starts only one more.
    """
    for ready in False, True:
        for pid in workers():
            try:
                if os.stat("/proc/%d" % pid).st_uid or not ready:
                    os.kill(pid, sig)
            except (FileNotFoundError, ProcessLookupError):
                pass


def keys():
    """(serial, flags, type, description) of every key that root can see."""
    found = []
    with open("/proc/keys", encoding="utf-8") as f:
        for line in f:
            field = line.split(None, 8) + [""]
            found.append((int(field[0], 16), field[1], field[7],
                          field[8].strip()))
    return found


def channels():
    """Keys of the workers; a negative key has no worker."""
    return [key for key in keys() if key[2] == "iscsi_srp" and
            "N" not in key[1]]


def end_backoff():
    """Remove negative keys like an admin can: clear the private keyring."""
    for serial, _, kind, description in keys():
        if kind == "keyring" and "iscsi_srp" in description:
            keyctl.clear(serial)


def reset():
    """End workers and back-off, so that the next job starts the helper."""
    if not os.path.exists(lio.PARAMETERS + "/srp_precompute"):
        return                          # the unpatched kernel has no parameters
    quiet = []

    def gone():
        # remaining jobs may start new workers a moment later
        send_workers(signal.SIGKILL)
        quiet.append(not workers() and not channels())
        return len(quiet) > 3 and all(quiet[-3:])
    with lio.Parameter("srp_precompute", 0):
        lio.wait_for(gone, "the death of the workers and their keys", 20, 0.05)
    end_backoff()


def set_rule(command):
    """Let request-key run this from now on."""
    with open(RULE, "w", encoding="utf-8") as f:
        f.write("create iscsi_srp * * %s %%k\n" % command)


class Rule:
    """Replace or remove the rule during a with block."""

    def __init__(self, command=None):
        self.command = command

    def __enter__(self):
        self.before = lio.read(RULE) + "\n"
        if os.path.exists(fakehelper.LOG):
            os.unlink(fakehelper.LOG)
        reset()
        if self.command:
            set_rule(self.command)
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
    """Use fakehelper.py in the given mode during a with block."""
    return Rule("%s %s" % (os.path.realpath(fakehelper.__file__), mode))
