# SPDX-License-Identifier: GPL-2.0-or-later
"""An initiator in user space: the patched libiscsi, its programs, and QEMU with it."""
import os
import re
import subprocess

import expect
from expect import PATIENCE
from initiator import NAME, TARGET

DIR = "/usr/lib/lio-srp/libiscsi"
SECRET = "/run/libiscsi.secret"
PORTAL = "127.0.0.1:3260"
# Names that programs use by default
QEMU_NAME = "iqn.2008-11.org.linux-kvm"
SECOND_NAME = "iqn.2007-10.com.github:sahlberg:libiscsi:iscsi-test-2"

if not os.path.isdir(DIR):
    expect.skip("libiscsi could not be fetched")


def url(target=TARGET, portal=PORTAL, arguments=""):
    return "iscsi://%s/%s/0%s" % (portal, target, arguments)


def srp(user="alice", password="password123", **settings):
    """The environment of programs that log in with SRP."""
    with open(SECRET, "w", encoding="utf-8") as f:
        f.write(password + "\n")
    os.chmod(SECRET, 0o600)
    environment = {"AUTH": "srp", "SRP_USERNAME": user,
                   "SRP_PASSWORD_FILE": SECRET}
    environment.update((name.upper(), value) for name, value in settings.items())
    return {"LIBISCSI_" + name: value for name, value in environment.items()}


def run(*command, env=None, stdin="", seconds=60):
    """Run a program of libiscsi, or another one with the patched library; return
    (status, output)."""
    path = os.path.join(DIR, command[0])
    if os.path.exists(path):
        command = (path,) + command[1:]
    done = subprocess.run(command, input=stdin, text=True, errors="replace",
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          env=dict(os.environ, LD_LIBRARY_PATH=DIR, **(env or {})),
                          timeout=seconds * PATIENCE, check=False)
    return done.returncode, done.stdout


def inquiry(env=None, **how):
    """Log in and ask the disk who it is."""
    return run("iscsi-inq", "-i", NAME, url(**how), env=env)


def cunit(name, *options, env=None, seconds=60):
    """Run one test of iscsi-test-cu; return (whether it passed, output)."""
    _, output = run("iscsi-test-cu", "-i", NAME, *options, "--test", name, url(),
                    env=env, seconds=seconds)
    # Total, ran, passed, failed
    return bool(re.search(r"^ +tests +1 +1 +1 +0 ", output, flags=re.M)), output


def discover(portal=PORTAL, arguments="", env=None, luns=True):
    return run("iscsi-ls", "-i", NAME, *(["-s"] if luns else []),
               "iscsi://%s/%s" % (portal, arguments), env=env)
