#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# timeout: 120
# A password is rotated during a session with I/O, and both passwords work
# log: failed with status 0[023]
import subprocess
import threading
import time

import expect
import openiscsi
from initiator import NAME, outcome
from lio import Target, User, wait_for
from openiscsi import OpenIscsi

OTHER = "iqn.2024-01.org.example:other"
RECORD = "node.session.auth.srp_password"


def tries(password, **how):
    """Outcomes of the logins of an initiator that retries after 0301."""
    seen = []
    while len(seen) < 5 and seen[-1:] in ([], ["0301"]):
        seen.append(outcome(lambda i: i.srp(), password=password, **how))
    return " ".join(seen)


def log_of(password, label):
    """Log in until the rate-limited log names the entry."""
    def named():
        tries(password)
        return "with user table entry %s\n" % label in \
            subprocess.check_output(["dmesg"]).decode()
    wait_for(named, "the log line of " + label, 15, step=0.5)


class Load(threading.Thread):
    """Writes and reads until stopped."""

    def __init__(self, node):
        super().__init__()
        self.node, self.over, self.done, self.error = (
            node, threading.Event(), 0, None)

    def run(self):
        try:
            while not self.over.is_set():
                openiscsi.exchange_data(self.node, length=1 << 16)
                self.done += 1
        except Exception as error:      # reported by the main thread
            self.error = error

    def go_on(self):
        """Check that I/O has continued since the last call."""
        before, end = self.done, time.monotonic() + 20
        while self.done < before + 2:
            expect.true(not self.error, "I/O failed: %s" % self.error)
            expect.true(time.monotonic() < end, "I/O hangs")
            time.sleep(0.02)


def rotation(target, table, what, start, finish):
    """Rotate a password: start() adds the new one, finish() ends the old one."""
    with OpenIscsi(openiscsi.srp(password="old password")) as initiator:
        initiator.login()
        sessions = openiscsi.sessions()
        load = Load(openiscsi.disk())
        load.start()
        try:
            load.go_on()
            start()
            load.go_on()
            # Both passwords work now, and a wrong one does not
            table.row(what + ": old", tries("old password"), "0000")
            table.row(what + ": new", tries("new password"), "0301 0000")
            table.row(what + ": new again", tries("new password"), "0000")
            table.row(what + ": old again", tries("old password"),
                      "0301 0000")
            for _ in range(2):
                table.row(what + ": wrong", tries("wrong"), "0301 0201")
                table.row(what + ": unknown user",
                          tries("wrong", user="mallory"), "0301 0201")
            load.go_on()
            # The real initiator uses the password that the target tries last
            initiator.add(portal="127.0.0.2:3260")
            initiator.update(RECORD, "new password", portal="127.0.0.2:3260")
            table.row(what + ": iscsid, new password", initiator.try_login(
                add=False, portal="127.0.0.2:3260"), 0)
            initiator.logout(portal="127.0.0.2:3260")
            finish()
            table.row(what + ": old at the end", tries("old password"), "0201")
            table.row(what + ": new at the end", tries("new password"), "0000")
            table.row(what + ": unknown at the end",
                      tries("wrong", user="mallory"), "0201")
            load.go_on()
            # A cut connection logs in again with the record's new password
            initiator.update(RECORD, "new password")
            target.enable(False)
            target.enable()
            load.go_on()
        finally:
            load.over.set()
            load.join()
        table.row(what + ": the same session", openiscsi.sessions(), sessions)
        initiator.logout()
        table.row(what + ": iscsid, at the end",
                  initiator.try_login(add=False), 0)
        initiator.logout()


table = expect.Table()
target = Target(portal="0.0.0.0:3260")
target.demo()

# Demo mode: one user has two entries; remove the old one
old = User(target, "old", password="old password")


def start():
    User(target, "new", password="new password")
    old.set("expires", str(int(time.time()) + 1000))


def finish():
    log_of("old password", "old")
    log_of("new password", "new")
    old.remove()


rotation(target, table, "table", start, finish)

# ACL: move its credentials to an entry that expires
acl = target.acl()
acl.auth.srp(password="old password")


def start_acl():
    kept = User(target, "kept", password="old password", enabled=False)
    kept.set("initiators", NAME)
    kept.set("expires", str(int(time.time()) + 1000))
    kept.set("enabled", "1")
    acl.auth.srp(password="new password")
    start_acl.kept = kept


rotation(target, table, "ACL", start_acl,
         lambda: (start_acl.kept.set("expires", str(int(time.time()))),
                  User(target, "unrelated", "carol"),
                  start_acl.kept.remove()))
table.row("another initiator", tries("new password", name=OTHER), "0000")
table.end()
