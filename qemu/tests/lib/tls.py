# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS: certificates, tlshd, and initiators that use Python's own TLS."""
import contextlib
import glob
import hashlib
import hmac
import os
import signal
import socket
import ssl
import struct
import subprocess
import tempfile

import iscsi
from lio import read, wait_for

DIRECTORY = "/run/tls"


class Certificate:
    """A self-signed certificate, made as targetcli makes one, and its key.

    before: the certificate that this one renews, with its key; ended: it is not valid
    any more.
    """

    def __init__(self, name="target", digest="sha256", before=None, ended=False):
        os.makedirs(DIRECTORY, 0o700, exist_ok=True)
        self.path = "%s/%s.pem" % (DIRECTORY, name)
        self.key = before.key if before else "%s/%s.key" % (DIRECTORY, name)
        key = ["-key", self.key] if before else [
            "-nodes", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
            "-keyout", self.key]
        subprocess.run(["openssl", "req", "-x509"] + key + [
            "-" + digest, "-subj", "/CN=" + name, "-days", "30", "-out", self.path],
                       check=True, capture_output=True)
        if ended:
            subprocess.run(["openssl", "x509", "-in", self.path, "-signkey", self.key,
                            "-" + digest, "-days", "-1", "-out", self.path],
                           check=True, capture_output=True)
        os.chmod(self.key, 0o600)
        with open(self.path, encoding="ascii") as f:
            self.der = ssl.PEM_cert_to_DER_cert(f.read())
        self.digest = digest

    def hash(self):
        """tls-server-end-point: the hash of the certificate."""
        return hashlib.new(self.digest, self.der).digest()

    def hash_of_key(self):
        """The SHA-256 of its SubjectPublicKeyInfo."""
        public = subprocess.run(["openssl", "pkey", "-in", self.key, "-pubout",
                                 "-outform", "DER"], check=True, capture_output=True)
        return hashlib.sha256(public.stdout).digest()


class Tlshd:
    """tlshd with a certificate, from start() until the end of a with block."""

    def __init__(self, certificate=None):
        self.conf = DIRECTORY + "/tlshd.conf"
        self.log = DIRECTORY + "/tlshd.log"
        self.process = None
        os.makedirs(DIRECTORY, 0o700, exist_ok=True)
        self.use(certificate)

    def use(self, certificate):
        """Use another certificate, or none, from the next start on."""
        with open(self.conf, "w", encoding="ascii") as f:
            f.write("[debug]\nloglevel=1\ntls=0\nnl=0\n[authenticate.server]\n")
            if certificate:
                f.write("x509.certificate=%s\nx509.private_key=%s\n" % (
                    certificate.path, certificate.key))

    def start(self):
        with open(self.log, "ab") as log:
            # pylint: disable-next=consider-using-with
            self.process = subprocess.Popen(
                ["/usr/sbin/tlshd", "-s", "-c", self.conf], stdout=log,
                stderr=log)
        wait_for(self.listens, "tlshd", 20)
        return self

    @staticmethod
    def listens():
        """Whether a process of user space listens for handshakes."""
        for line in read("/proc/net/netlink").splitlines()[1:]:
            words = line.split()
            if words[1] == "16" and words[2] != "0" and int(words[3], 16):
                return True
        return False

    def children(self):
        """The processes of handshakes."""
        found = []
        for path in glob.glob("/proc/[0-9]*/stat"):
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                words = read(path).rpartition(")")[2].split()
                if int(words[1]) == self.process.pid and words[0] != "Z":
                    found.append(int(path.split("/")[2]))
        return found

    def signal(self, number):
        """Send a signal to tlshd and its children."""
        for pid in [self.process.pid] + self.children():
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def stop(self):
        if self.process:
            self.signal(signal.SIGKILL)
            self.process.wait()
            self.process = None
            wait_for(lambda: not self.listens(), "the end of tlshd")

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()


def context():
    """An initiator's TLS, which does not verify the certificate."""
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    return ctx


def wrap(sock, ctx=None):
    """For Initiator(wrap=...): TLS; a failed handshake raises iscsi.Closed."""
    try:
        return (ctx or context()).wrap_socket(sock)
    except (ssl.SSLError, ConnectionError, socket.timeout) as error:
        sock.close()
        raise iscsi.Closed("no TLS: %s" % error) from error


def certificate_of(initiator):
    """The certificate that a target has shown (DER)."""
    return initiator.wire.sock.getpeercert(binary_form=True)


# TLS by the kernel, as the initiator has it: records of any type can be sent

TCP_ULP = 31
SOL_TLS, TLS_TX, TLS_RX, TLS_SET_RECORD_TYPE = 282, 1, 2, 1
TLS_1_3 = 0x0304
ALERT, HANDSHAKE, DATA = 21, 22, 23
KEY_UPDATE = b"\x18\0\0\1\0"
# type in linux/tls.h, bytes of the key and of its salt, hash
CIPHERS = {"TLS_AES_128_GCM_SHA256": (51, 16, 4, "sha256"),
           "TLS_AES_256_GCM_SHA384": (52, 32, 4, "sha384"),
           "TLS_CHACHA20_POLY1305_SHA256": (54, 32, 0, "sha256")}


def expand_label(secret, label, length, digest):
    """HKDF-Expand-Label of RFC 8446, for one block of output."""
    full = b"tls13 " + label
    info = struct.pack(">HB", length, len(full)) + full + b"\0\1"
    return hmac.new(secret, info, digest).digest()[:length]


def crypto_info(cipher, secret):
    """struct tls12_crypto_info_... for setsockopt()."""
    kind, octets, salt, digest = CIPHERS[cipher]
    iv = expand_label(secret, b"iv", 12, digest)
    return struct.pack("HH", TLS_1_3, kind) + iv[salt:] + \
        expand_label(secret, b"key", octets, digest) + iv[:salt] + bytes(8)


def give_keys(sock, cipher, own, peers):
    """Let the kernel encrypt, with the keys of two secrets."""
    sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    for option, secret in (TLS_TX, own), (TLS_RX, peers):
        sock.setsockopt(SOL_TLS, option, crypto_info(cipher, secret))


def kernel_wrap(sock):
    """For Initiator(wrap=...): the kernel encrypts what the socket sends."""
    ctx = context()
    with tempfile.NamedTemporaryFile(dir=DIRECTORY) as log:
        ctx.keylog_filename = log.name
        wrapped = ctx.wrap_socket(sock)
        cipher = wrapped.cipher()[0]
        with open(log.name, encoding="ascii") as f:
            secrets = {line.split()[0]: bytes.fromhex(line.split()[2])
                       for line in f if line[0] != "#"}
    timeout = wrapped.gettimeout()
    sock = socket.socket(fileno=wrapped.detach())
    sock.settimeout(timeout)
    give_keys(sock, cipher, secrets["CLIENT_TRAFFIC_SECRET_0"],
              secrets["SERVER_TRAFFIC_SECRET_0"])
    return sock


def send_record(sock, kind, data):
    """Send a record of some type on a socket of kernel_wrap()."""
    sock.sendmsg([data], [(SOL_TLS, TLS_SET_RECORD_TYPE, bytes([kind]))])
