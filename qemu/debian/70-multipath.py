# SPDX-License-Identifier: GPL-2.0-or-later
# Two portals, both with SRP: writing continues while one link is down
# log: failed with status 0[02]
import expect
import pair

CONF = """
defaults {
    find_multipaths yes
    polling_interval 2
    no_path_retry 30
}
"""
TIMES = {"node.conn[0].timeo.noop_out_interval": ("2", "5"),
         "node.conn[0].timeo.noop_out_timeout": ("2", "5"),
         "node.session.timeo.replacement_timeout": ("5", "120")}
PORTALS = (pair.PORTAL, pair.PORTAL2)


def set_all(portal, settings):
    for name, value in settings.items():
        pair.must("initiator", "iscsiadm", "-m", "node", "-T", pair.TARGET, "-p",
                  portal, "-o", "update", "-n", name, "-v", value)


def states():
    """States of the paths to the data disk, as multipathd sees them."""
    return sorted(words[1] for words in paths("%t"))


def paths(wanted):
    """[H:C:I:L, requested field] of each path to LUN 1."""
    shown = pair.run("initiator", "multipathd", "show", "paths", "raw", "format",
                     "%i " + wanted)[1]
    return [line.split() for line in shown.splitlines()
            if len(line.split()) == 2 and line.split()[0].endswith(":1")]


pair.data_disk()
pair.unmount()
pair.logout()
before = pair.logins()
status, output = pair.node("-o", "new", portal=pair.PORTAL2)
expect.equal(status, 0, output)
for portal in PORTALS:
    set_all(portal, {name: value[0] for name, value in TIMES.items()})
set_all(pair.PORTAL2, {"node.session.auth.authmethod": "SRP",
                       "node.session.auth.srp_username": pair.USER})
pair.must("initiator", "iscsiadm", "-m", "node", "-T", pair.TARGET, "-p",
          pair.PORTAL2, "-o", "update", "-n", "node.session.auth.srp_password",
          "-v", "-", stdin=pair.PASSWORD + "\n")
pair.sh("initiator", "cat >/etc/multipath.conf; systemctl start multipathd", stdin=CONF)
try:
    for portal in PORTALS:
        pair.login(portal=portal)
    expect.equal(pair.logins(), before + 2, "SRP logins that the target counted")
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
    pair.data("check", pair.MOUNTED + "/paths", "two paths", 16)
    pair.sh("initiator", "rm %s/paths" % pair.MOUNTED)
finally:
    pair.unmount()
    pair.sh("initiator", "multipath -F; systemctl stop multipathd.socket multipathd")
    for portal in PORTALS:
        pair.logout(portal=portal)
    pair.node("-o", "delete", portal=pair.PORTAL2)
    set_all(pair.PORTAL, {name: value[1] for name, value in TIMES.items()})
