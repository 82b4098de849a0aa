# SPDX-License-Identifier: GPL-2.0-or-later
# Discovery finds the target, without authentication and with SRP
# log: failed with status 0[02]
import expect
import pair

pair.ready()
DISCOVERY = ("iscsiadm", "-m", "discoverydb", "-t", "sendtargets", "-p", pair.PORTAL)


def discover():
    """Return (exit status, output); do not store the result."""
    return pair.run("initiator", *DISCOVERY, "--discover", "-o", "nonpersistent")


def update(name, value):
    by_stdin = name.endswith("srp_password")
    pair.must("initiator", *DISCOVERY, "-o", "update",
              "-n", "discovery.sendtargets.auth." + name,
              "-v", "-" if by_stdin else value,
              stdin=value + "\n" if by_stdin else "")


found = "%s:3260,1 %s\n" % (pair.PORTAL, pair.TARGET)
status, output = discover()
expect.equal((status, output), (0, found), "discovery without authentication")
pair.sh("target", """
    echo 'of discovery' | targetcli /iscsi srp_password bob
    targetcli /iscsi set discovery_auth enable=1""")
try:
    status, output = discover()
    expect.true(status != 0 and pair.TARGET not in output,
                "discovery without a password: " + output)
    for name, value in (("authmethod", "SRP"), ("srp_username", "bob"),
                        ("srp_password", "wrong")):
        update(name, value)
    status, output = discover()
    expect.true(status != 0 and pair.TARGET not in output,
                "discovery with a wrong password: " + output)
    update("srp_password", "of discovery")
    status, output = discover()
    expect.equal((status, output), (0, found), "discovery by SRP")
finally:
    pair.sh("target", "targetcli /iscsi set discovery_auth enable=0")
