#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
# Programs of libiscsi log in with SRP: iscsi-ls, iscsi-inq and QEMU, unchanged
# log: failed with status 0[02]
# timeout: 120
import expect
import libiscsi
import srp
from initiator import TARGET
from lio import Discovery, Parameter, Target

PASSWORD = "a password 123"
LARGE = ("SRP-1536", "SRP-2048", "MODP-3072")
USER = libiscsi.srp(password=PASSWORD)

target = Target()
acl = target.acl()
acl.auth.srp(password=PASSWORD, groups=LARGE)
target.acl(libiscsi.QEMU_NAME).auth.srp(password=PASSWORD)
discovery = Discovery(enforce=True)
discovery.srp(password=PASSWORD)
table = expect.Table()


def says(what, got, status, *texts):
    """Check the status, true or false, and the output of a program."""
    table.row(what, [got[0] == 0] + [text in got[1] for text in texts],
              [status] + [True] * len(texts))
    table.row("%s: %s" % (what, got[1]), PASSWORD in got[1], False)


# The environment, or the URL
says("iscsi-ls", libiscsi.discover(env=USER), True, "Target:" + TARGET,
     "Lun:0    Type:DIRECT_ACCESS (Size:7M)")
by_url = {name: value for name, value in USER.items() if name != "LIBISCSI_AUTH"}
says("iscsi-ls, URL", libiscsi.discover(arguments="?auth=srp", env=by_url), True,
     "Lun:0    Type:DIRECT_ACCESS (Size:7M)")
says("iscsi-inq", libiscsi.inquiry(USER), True, "Vendor:LIO-ORG")
says("iscsi-inq, URL", libiscsi.inquiry(by_url, arguments="?auth=srp"), True,
     "Vendor:LIO-ORG")
says("iscsi-inq, one way", libiscsi.inquiry(
    libiscsi.srp(password=PASSWORD, srp_target_auth="no")), True, "Vendor:LIO-ORG")
acl.auth.policy(mutual_required=True)
says("one way is not allowed", libiscsi.inquiry(
    libiscsi.srp(password=PASSWORD, srp_target_auth="no")), False,
     "Failed to log in to target. Status: ")
says("mutual is", libiscsi.inquiry(USER), True, "Vendor:LIO-ORG")
acl.auth.no_policy()

# No other credentials, and no other method
says("no authentication", libiscsi.inquiry(), False)
says("CHAP", libiscsi.inquiry({"LIBISCSI_CHAP_USERNAME": "alice",
                               "LIBISCSI_CHAP_PASSWORD": PASSWORD}), False)
says("a wrong password", libiscsi.inquiry(libiscsi.srp(password="wrong")), False,
     "Authentication failure")
says("an unknown user", libiscsi.inquiry(libiscsi.srp("bob", PASSWORD)), False,
     "Authentication failure")
says("iscsi-ls, a wrong password", libiscsi.discover(
    env=libiscsi.srp(password="wrong")), False, "Authentication failure")
target.param("AuthMethod", "CHAP,None")
acl.auth.chap(password=PASSWORD)
USER = libiscsi.srp(password=PASSWORD)
says("a target without SRP", libiscsi.inquiry(USER), False)
target.param("AuthMethod", "CHAP,SRP")
says("a target with both", libiscsi.inquiry(USER), True, "Vendor:LIO-ORG")
target.param("AuthMethod", "SRP")

# Each group, and a minimum
with Parameter("srp_min_group", "SRP-768"):
    for group in srp.GROUPS:
        acl.auth.srp(password=PASSWORD, groups=(group,))
        says(group, libiscsi.inquiry(libiscsi.srp(
            password=PASSWORD, srp_min_group=group)), True, "Vendor:LIO-ORG")
    says("the largest group", libiscsi.inquiry(USER), True, "Vendor:LIO-ORG")
    acl.auth.srp(password=PASSWORD, groups=("SRP-1024",))
    says("a group below the default", libiscsi.inquiry(USER), False,
         "offers no SRP group from SRP-1536 up: SRP-1024")
acl.auth.srp(password=PASSWORD, groups=LARGE)
says("a minimum", libiscsi.inquiry(libiscsi.srp(
    password=PASSWORD, srp_min_group="MODP-4096")), False, "offers no SRP group")

# QEMU has its own name and parses the URL without a context
disk = libiscsi.url()
says("qemu-img", libiscsi.run("qemu-img", "info", disk, env=USER), True,
     "virtual size: 8 MiB")
says("qemu-img, also in the URL", libiscsi.run(
    "qemu-img", "info", disk + "?auth=srp", env=USER), True, "virtual size: 8 MiB")
says("qemu-img, in the URL only", libiscsi.run(
    "qemu-img", "info", disk + "?auth=srp", env=by_url), False,
     "Failed to parse URL")
says("qemu-img, a wrong password", libiscsi.run(
    "qemu-img", "info", disk, env=libiscsi.srp(password="wrong")), False,
     "Authentication failure")
USER = libiscsi.srp(password=PASSWORD)
says("qemu-io writes", libiscsi.run(
    "qemu-io", "-f", "raw", "-c", "write -P 0x5a 1M 2M", disk, env=USER), True)
says("qemu-io reads", libiscsi.run(
    "qemu-io", "-f", "raw", "-c", "read -P 0x5a 1M 2M", "-c", "read -P 0 3M 1M",
    disk, env=USER), True)
with open(target.image, "rb") as f:
    f.seek(1 << 20)
    table.row("the disk", f.read(2 << 20) == b"\x5a" * (2 << 20), True)
table.end()
