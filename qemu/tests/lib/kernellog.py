# SPDX-License-Identifier: GPL-2.0-or-later
"""What a test may find in the kernel's log."""
import os
import re

REPORT = re.compile(r"WARNING:|BUG:|Oops|general protection|KASAN:|UBSAN:|"
                    r"INFO: possible|INFO: task .* blocked|"
                    r"refcount_t:|list_(add|del) corruption|kmemleak: \d+ new")
# Our code in the kernel's log, and the messages that it logs itself
NAMES = re.compile(r"iscsi_target_srp|iscsi_srp|iscsit_guess|iscsit_pending|"
                   r"iSCSI SRP|\bsrp_|iscsi-srpd|iscsit_tls")
OWN = re.compile("iSCSI( SRP)?: ")
STACK = re.compile(r" *\[<[0-9a-f]+>\]")     # of a failed allocation, too: no report
SUPPRESSED = "callbacks suppressed"     # after a rate limit
WARNING = 4


class Message(str):
    """A message of the kernel's log, with its facility and level."""

    def __new__(cls, text, level):
        message = super().__new__(cls, text)
        message.level = level
        return message


class KernelLog:
    """The kernel's messages since the last look, at first all that it still has."""

    def __init__(self):
        self.fd = os.open("/dev/kmsg", os.O_RDONLY | os.O_NONBLOCK)

    def new(self):
        lines = []
        while True:
            try:
                record = os.read(self.fd, 8192).decode(errors="replace")
            except BlockingIOError:
                return lines
            except BrokenPipeError:     # overwritten meanwhile: go on
                continue
            prefix, _, text = record.partition(";")
            lines.append(Message(text.split("\n")[0], int(prefix.split(",")[0])))


def is_about_us(message):
    """Whether another part of the kernel warns about our code."""
    return (message.level <= WARNING and NAMES.search(message) is not None and
            not OWN.match(message) and not STACK.match(message) and
            SUPPRESSED not in message)


def is_trouble(message):
    """Whether this is a bug or a warning about our code: no test may expect it."""
    return bool(REPORT.search(message)) or is_about_us(message)


def unexpected(messages, patterns):
    """Our own warnings and errors that no "# log: PATTERN" of the test covers."""
    return [message for message in messages
            if message.level <= WARNING and OWN.match(message) and
            not any(re.search(pattern, message) for pattern in patterns)]


def findings(messages, patterns):
    """Trouble, and what no pattern covers."""
    return [message for message in messages if is_trouble(message)] + \
        unexpected(messages, patterns)


def headers(path, name):
    """The values of the '# name: value' lines at the top of a test."""
    values = []
    with open(path, encoding="utf-8") as f:
        for line in f:
            if not line.startswith("#"):
                break
            if line.startswith("# %s: " % name):
                values.append(line.split(": ", 1)[1].strip())
    return values
