# SPDX-License-Identifier: GPL-2.0-or-later
# Debian 12's own open-iscsi, which has only CHAP, is rejected, and both machines log it
# log: failed with status 0[02]
import base64
import os
import re
import subprocess
import tempfile

import expect
import pair

SCRIPT = os.path.join(os.path.dirname(os.path.realpath(__file__)),
                      "../../scripts/fetch/apt-source.sh")
PACKAGES = ("open-iscsi", "libopeniscsiusr")
# Run Debian's programs in place of ours in a mount namespace with a separate
# configuration.  iscsid exits with a signal to its whole group.
STOCK = r"""
mount --make-rprivate /
for file in sbin/iscsid sbin/iscsiadm; do
    mount --bind /root/stock/$file "$(readlink -f "$(command -v ${file##*/})")"
done
for file in /root/stock/usr/lib/x86_64-linux-gnu/libopeniscsiusr.so.*; do
    mount --bind "$(readlink -f $file)" \
        "$(readlink -f /usr/lib/x86_64-linux-gnu/libopeniscsiusr.so.0)"
done
mkdir -p /root/stock/conf
mount --bind /root/stock/conf /etc/iscsi
mkdir -p /var/lib/iscsi
mount -t tmpfs tmpfs /var/lib/iscsi
echo InitiatorName=%(initiator)s >/etc/iscsi/initiatorname.iscsi
cat >/etc/iscsi/iscsid.conf <<END
node.session.auth.authmethod = CHAP
node.session.auth.username = alice
node.session.auth.password = password123
node.session.initial_login_retry_max = 1
END
iscsid --version
setsid iscsid -f -d 1 >/root/stock/log 2>&1 &
iscsid=$!
sleep 3
iscsiadm -m node -T %(target)s -p %(portal)s -o new
iscsiadm -m node -T %(target)s -p %(portal)s --login || echo "status $?"
kill $iscsid; wait $iscsid || true
echo -- log; cat /root/stock/log
""" % {"initiator": pair.INITIATOR, "target": pair.TARGET, "portal": pair.PORTAL}

pair.ready()
pair.unmount()
pair.logout()
with tempfile.TemporaryDirectory() as directory:
    for package in PACKAGES:
        deb = subprocess.run([SCRIPT, "deb", "machine", package, directory],
                             check=True, stdout=subprocess.PIPE)
        with open(deb.stdout.decode().strip(), "rb") as f:
            pair.sh("initiator", "base64 -d >/root/stock.deb && "
                    "dpkg-deb -x /root/stock.deb /root/stock",
                    stdin=base64.b64encode(f.read()).decode())

moment, before = pair.since("target"), pair.logins()
pair.sh("initiator", "systemctl stop iscsid.socket iscsid.service")
try:
    said = pair.sh("initiator", "unshare -m sh -euc \"$(cat)\"", stdin=STOCK)
finally:
    pair.sh("initiator", "systemctl start iscsid.socket iscsid.service")
expect.true("iscsid version 2.1.8" in said, said)
expect.true("\nstatus 24\n" in said and "authorization failure" in said, said)
expect.true(re.search(r"login rejected: [Ii]nitiator failed auth",
                      said.partition("-- log")[2]), said)
pair.logged("target", moment,
            r'login of "%s" from 10\.9\.8\.2:\d+ failed with status 0201: '
            r"no AuthMethod in common" % pair.INITIATOR, "-k")
expect.equal(pair.sessions(), "", "sessions")
pair.login()
expect.equal(pair.logins(), before + 1, "SRP logins by our open-iscsi again")
