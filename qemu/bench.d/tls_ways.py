# SPDX-License-Identifier: GPL-2.0-or-later
"""Set the two machines of qemu/pair up, with one disk in memory that the initiator reaches
in several ways at the same time: plain, by TLS, through stunnel, and by NVMe/TCP."""
import json
import os
import subprocess

import pair

TOP = os.path.realpath(os.path.dirname(os.path.realpath(__file__)) + "/../..")
COPIES = "/root/lio-srp/"               # of files below TOP, on a machine
BARE, LOGIN = "qemu/bench.d/tls_bare.py", "qemu/bench.d/tls_login.py"
TESTS = "qemu/tests/lib/"
MIB = 128                               # of each disk
ADDRESS = pair.PORTAL
PLAIN, TLS, TUNNEL = ADDRESS + ":3260", ADDRESS + ":3261", "127.0.0.1:3260"
PORTALS = {"plain": PLAIN, "TLS": TLS, "stunnel": TUNNEL}
STREAMS = 5000                          # port of tls_bare.py; the next one is plain
CIPHERS = {"AES-256-GCM": "TLS_AES_256_GCM_SHA384", "AES-128-GCM": "TLS_AES_128_GCM_SHA256",
           "ChaCha20-Poly1305": "TLS_CHACHA20_POLY1305_SHA256"}
OWN = "/etc/iscsi-target-tls"           # of the certificate that targetcli makes
NQN, HOST_NQN = "nqn.2026-01.org.example:disk", "nqn.2026-01.org.example:host"
NVME = {"NVMe/TCP": "4421", "NVMe/TCP with TLS": "4420"}

DISKS = """
modprobe brd rd_nr=2 rd_size=%d
for disk in /dev/ram0 /dev/ram1; do
    dd if=/dev/urandom of=$disk bs=1M count=%d status=none
done
""" % (MIB * 1024, MIB)

CREATE = """
set global auto_add_default_portal=false
/backstores/block create ram /dev/ram0
/iscsi create {target}
{tpg}/portals create {address} 3260
{tpg}/portals create {address} 3261
{tpg}/portals create 127.0.0.1 3260
{tpg}/luns create /backstores/block/ram
{tpg}/acls create {initiator}
{tpg} set parameter AuthMethod=SRP
{tpg} set attribute authentication=1
""".format(target=pair.TARGET, tpg=pair.TPG, address=ADDRESS, initiator=pair.INITIATOR)

STUNNEL = """
cat >/etc/stunnel/bench.conf <<END
foreground = yes
pid =
sslVersion = TLSv1.3
ciphersuites = %s
socket = l:TCP_NODELAY=1
socket = r:TCP_NODELAY=1
[iscsi]
%%s
END
systemd-run -q --unit=bench-stunnel stunnel /etc/stunnel/bench.conf
""" % CIPHERS["AES-256-GCM"]

# A target that authenticates nobody, as any module can have it
NO_LOGIN = r"""
cd /sys/kernel/config/target
mkdir -p iscsi/{target}/tpgt_1/np/{plain} iscsi/{target}/tpgt_1/lun/lun_0 core/iblock_0/plain
echo udev_path=/dev/ram0 >core/iblock_0/plain/control
echo 1 >core/iblock_0/plain/enable
cd iscsi/{target}/tpgt_1
ln -s /sys/kernel/config/target/core/iblock_0/plain lun/lun_0/disk
for value in authentication=0 generate_node_acls=1 demo_mode_write_protect=0; do
    echo ${{value#*=}} >attrib/${{value%=*}}
done
echo None >param/AuthMethod
echo 1 >enable
""".format(target=pair.TARGET, plain=PLAIN)

NO_TARGET = r"""
cd /sys/kernel/config/target/iscsi
echo 0 >{target}/tpgt_1/enable
rm {target}/tpgt_1/lun/lun_0/disk
rmdir {target}/tpgt_1/lun/lun_0 {target}/tpgt_1/np/* {target}/tpgt_1 {target}
cd ..
rmdir iscsi core/iblock_0/plain core/iblock_0
""".format(target=pair.TARGET)

MODULES = {"target": ("iscsi-target-srp", "iscsi_target_mod"),
           "initiator": ("iscsi-tcp-srp", "iscsi_tcp")}
# Where DKMS keeps the module that it replaced: see dkms.md
STOCK = "insmod /var/lib/dkms/{0}/original_module/$(uname -r)/*/{1}.ko.xz"

# A subsystem for each port: the initiator would take one at two ports for two paths
NVME_TARGET = """
modprobe nvmet-tcp
cd /sys/kernel/config/nvmet
for port in 4420 4421; do
    subsystem=subsystems/{nqn}-$port
    mkdir $subsystem
    echo 1 >$subsystem/attr_allow_any_host
    mkdir $subsystem/namespaces/1
    echo /dev/ram1 >$subsystem/namespaces/1/device_path
    echo 1 >$subsystem/namespaces/1/enable
    mkdir ports/$port
    echo tcp >ports/$port/addr_trtype
    echo ipv4 >ports/$port/addr_adrfam
    echo {address} >ports/$port/addr_traddr
    echo $port >ports/$port/addr_trsvcid
    [ $port = 4421 ] || echo tls1.3 >ports/$port/addr_tsas
    ln -s /sys/kernel/config/nvmet/$subsystem ports/$port/$subsystem
done
""".format(nqn=NQN, address=ADDRESS)


def copy(machine, *paths):
    for path in paths:
        with open(os.path.join(TOP, path), encoding="utf-8") as f:
            pair.sh(machine, "mkdir -p $(dirname {0}); cat >{0}".format(COPIES + path),
                    stdin=f.read())


def prepare():
    """The disks, and the initiator's name and record, without authentication."""
    pair.sh("target", DISKS)
    pair.sh("initiator", "echo InitiatorName=%s >/etc/iscsi/initiatorname.iscsi; "
            "systemctl restart iscsid" % pair.INITIATOR)
    pair.node("-o", "new", portal=PLAIN)


def set_up():
    """The target, and what serves the other ways, with our modules."""
    for machine, (_, module) in MODULES.items():
        pair.sh(machine, "modprobe " + module)
        copy(machine, BARE)
    copy("initiator", LOGIN, "kunit/vectors/vectors.json", *(
        "%s%s.py" % (TESTS, name) for name in ("expect", "initiator", "iscsi", "srp")))
    create()
    pair.sh("target", STUNNEL % (
        "accept = %s:3262\nconnect = 127.0.0.1:3260\n"
        "cert = %s/certificate.pem\nkey = %s/key.pem" % (ADDRESS, OWN, OWN)))
    pair.sh("initiator", STUNNEL % ("client = yes\naccept = %s\nconnect = %s:3262" % (
        TUNNEL, ADDRESS)))
    pair.sh("target", "systemd-run -q --unit=bench-streams python3 %s serve "
            "%d %s/certificate.pem %s/key.pem" % (COPIES + BARE, STREAMS, OWN, OWN))
    for name, suite in CIPHERS.items():
        pair.sh("initiator", "cat >/root/%s.cnf" % name, stdin="""
            openssl_conf = main
            [main]
            ssl_conf = ssl
            [ssl]
            system_default = default
            [default]
            Ciphersuites = %s
            """ % suite)
    for name, portal in PORTALS.items():
        pair.node("-o", "new", portal=portal)
        settings = {"authmethod": "SRP", "srp_username": pair.USER,
                    "srp_password": pair.PASSWORD}
        for key, value in settings.items():
            pair.set_node("node.session.auth." + key, value, portal=portal)
        if name == "TLS":
            pair.set_node("node.conn[0].tls", "Yes", portal=portal)


def create():
    """The iSCSI target."""
    pair.must("target", "targetcli", stdin=CREATE)
    pair.sh("target", "targetcli %s srp_password %s" % (pair.ACL, pair.USER),
            stdin=pair.PASSWORD + "\n")
    pair.sh("target", "targetcli %s/portals/%s enable_tls" % (pair.TPG, TLS))


def log_in():
    """Log in in each way; return {way: disk}."""
    for portal in PORTALS.values():
        pair.login(portal=portal)
    return {name: disk(portal) for name, portal in PORTALS.items()}


def disk(portal):
    address, port = portal.split(":")
    path = "/dev/disk/by-path/ip-%s:%s-iscsi-%s-lun-0" % (address, port, pair.TARGET)
    pair.wait_for(lambda: pair.run("initiator", "test", "-b", path)[0] == 0, path)
    return pair.sh("initiator", "readlink -f " + path).strip()     # fio takes a : for its own


def serve_plain(stock):
    """Load the modules of the kernel, or ours, and log in without authentication."""
    for machine, (package, module) in MODULES.items():
        pair.sh(machine, (STOCK if stock else "modprobe {1}").format(package, module))
    pair.sh("target", NO_LOGIN)
    pair.login(portal=PLAIN)
    return disk(PLAIN)


def stop_plain():
    """Log out, and unload the modules."""
    pair.logout(portal=PLAIN)
    pair.sh("target", NO_TARGET)
    for machine, (_, module) in MODULES.items():
        pair.sh(machine, "rmmod " + module)


def set_up_nvme():
    """Return {way: disk}."""
    pair.sh("target", NVME_TARGET)
    names = "--subsysnqn=%s-%s --hostnqn=%s" % (NQN, NVME["NVMe/TCP with TLS"], HOST_NQN)
    said = pair.sh("initiator", "modprobe nvme-tcp; systemctl start tlshd; "
                   "nvme gen-tls-key %s --insert" % names)
    key, = [word for word in said.split() if word.startswith("NVMeTLSkey-")]
    pair.sh("target", "nvme check-tls-key %s --keydata=%s --insert" % (names, key))
    disks = {}
    for name, port in NVME.items():
        before = nvme_disks()
        pair.sh("initiator", "nvme connect -t tcp -a %s -s %s -n %s-%s --hostnqn=%s %s" % (
            ADDRESS, port, NQN, port, HOST_NQN, "--tls" if name.endswith("TLS") else ""))
        disks[name], = pair.wait_for(lambda before=before: nvme_disks() - before, name, 60)
    return disks


def nvme_disks():
    """Also those of several paths, such as nvme0n1, but no path of such a disk."""
    return set(pair.sh("initiator", "find /dev -regex '/dev/nvme[0-9]+n1'").split())


def cpu():
    """Seconds of CPU time that each machine has used."""
    return json.loads(subprocess.run(["cpu"], check=True, stdout=subprocess.PIPE).stdout)
