# SPDX-License-Identifier: GPL-2.0-or-later
"""Networks that are down while the disk is in use."""
import subprocess
import time

import expect
import pair

CUT = 30                                # seconds
PORTALS = (pair.PORTAL, pair.PORTAL2)
TIMES = {"node.conn[0].timeo.noop_out_interval": ("2", "5"),
         "node.conn[0].timeo.noop_out_timeout": ("2", "5"),
         "node.session.timeo.replacement_timeout": ("5", "120")}
MULTIPATH = """
defaults {
    find_multipaths yes
    polling_interval 2
    no_path_retry 30
}
"""


def link_cut():
    """The link is down while data is written: the initiator logs in again, no data is
    lost."""
    pair.data_disk()
    before, start, ways = pair.logins(), pair.since("initiator"), pair.encrypted()
    path = pair.MOUNTED + "/cut"
    with subprocess.Popen(["initiator", "/usr/bin/python3", "-c", pair.DATA, "write",
                           path, "cut", str(pair.MIB)],
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True) as writer:
        for _ in range(pair.MIB // 4):  # wait until it is busy
            expect.true(writer.stdout.readline(), "the writer ended")
        pair.host("cut")
        time.sleep(CUT)
        expect.true(writer.poll() is None, "all was written without a network")
        expect.equal(pair.logins(), before, "SRP logins without a network")
        pair.host("mend")
        mended = time.monotonic()
        rest = writer.stdout.read()
        expect.equal(writer.wait(), 0, "the writer's status: " + rest)
        expect.true(rest.split()[-1:] == [str(pair.MIB - 1)], "written: " + rest)
    print("done %.0f s after the cable was back" % (time.monotonic() - mended))

    expect.true(pair.logins() > before, "there was no new SRP login")
    proof = "confirmed its TLS certificate" if ways else "proved itself"
    for line in ("detected conn error", "operational after recovery",
                 r"authenticated by SRP \(MODP-3072, target %s\)" % proof):
        said = pair.logged("initiator", start, line)
    expect.true("I/O error" not in said, said)
    expect.equal(pair.encrypted(), ways, "encryption after the cable was back")

    # Drop the caches of the initiator and the target before reading
    pair.unmount()
    pair.sh("target", "sync; echo 3 >/proc/sys/vm/drop_caches")
    pair.data_disk()
    pair.data("check", path, "cut")
    pair.sh("initiator", "rm " + path)


def multipath(**settings):
    """Two portals, the second one with these settings as well: writing continues while one
    link is down."""
    pair.data_disk()
    pair.unmount()
    pair.logout()
    before = pair.logins()
    status, output = pair.node("-o", "new", portal=pair.PORTAL2)
    expect.equal(status, 0, output)
    for portal in PORTALS:
        set_all(portal, {name: value[0] for name, value in TIMES.items()})
    set_all(pair.PORTAL2, {"node.session.auth.authmethod": "SRP",
                           "node.session.auth.srp_username": pair.USER,
                           "node.session.auth.srp_password": pair.PASSWORD, **settings})
    pair.sh("initiator", "cat >/etc/multipath.conf; systemctl start multipathd",
            stdin=MULTIPATH)
    try:
        for portal in PORTALS:
            pair.login(portal=portal)
        expect.equal(pair.logins(), before + 2, "SRP logins that the target counted")
        ways = pair.encrypted()
        pair.wait_for(lambda: states() == ["active", "active"], "two paths")
        mapped = "/dev/mapper/" + paths("%m")[0][1]
        pair.wait_for(lambda: pair.run("initiator", "test", "-b", mapped)[0] == 0, mapped)
        pair.sh("initiator", "mount %s %s" % (mapped, pair.MOUNTED))
        pair.host("cut", "0")
        try:
            pair.data("write", pair.MOUNTED + "/paths", "two paths", 16)
            pair.wait_for(lambda: states() == ["active", "failed"], "failed path")
            pair.data("check", pair.MOUNTED + "/paths", "two paths", 16)
        finally:
            pair.host("mend", "0")
        pair.wait_for(lambda: states() == ["active", "active"], "both paths again")
        expect.true(pair.logins() >= before + 3, "no SRP login after the cable was back")
        expect.equal(pair.encrypted(), ways, "encryption after the cable was back")
        pair.data("check", pair.MOUNTED + "/paths", "two paths", 16)
        pair.sh("initiator", "rm %s/paths" % pair.MOUNTED)
    finally:
        pair.unmount()
        pair.sh("initiator", "multipath -F; systemctl stop multipathd.socket multipathd")
        for portal in PORTALS:
            pair.logout(portal=portal)
        pair.node("-o", "delete", portal=pair.PORTAL2)
        set_all(pair.PORTAL, {name: value[1] for name, value in TIMES.items()})


def set_all(portal, settings):
    for name, value in settings.items():
        pair.set_node(name, value, portal=portal)


def states():
    """States of the paths to the data disk, as multipathd sees them."""
    return sorted(words[1] for words in paths("%t"))


def paths(wanted):
    """[H:C:I:L, requested field] of each path to LUN 1."""
    shown = pair.run("initiator", "multipathd", "show", "paths", "raw", "format",
                     "%i " + wanted)[1]
    return [line.split() for line in shown.splitlines()
            if len(line.split()) == 2 and line.split()[0].endswith(":1")]
