#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""TLS 1.3 in the kernel's sockets, with handshakes by Python's ssl module.

    ktls.py

makes the handshake of a client on file descriptor 3, and gives the keys to the kernel.
"""
import hmac
import os
import socket
import ssl
import struct
import subprocess
import sys
import tempfile
import threading

import openiscsi

TCP_ULP = 31
SOL_TLS, TLS_TX, TLS_RX, TLS_SET_RECORD_TYPE = 282, 1, 2, 1
TLS_1_3 = 0x0304
ALERT, HANDSHAKE = 21, 22
CLOSE_NOTIFY, HANDSHAKE_FAILURE = b"\1\0", b"\2\x28"
KEY_UPDATE = b"\x18\0\0\1\0"
HEADER = 5                              # of a record
# type in linux/tls.h, octets of the key, hash
CIPHERS = {"TLS_AES_128_GCM_SHA256": (51, 16, "sha256"),
           "TLS_AES_256_GCM_SHA384": (52, 32, "sha384"),
           "TLS_CHACHA20_POLY1305_SHA256": (54, 32, "sha256")}
CERTIFICATE = "/run/ktls.pem"
PRELOAD = "/run/ktls.so"
# iscsid's connections to one port begin with this program
SOURCE = r"""
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

int connect(int fd, const struct sockaddr *to, socklen_t len)
{
	int (*real)(int, const struct sockaddr *, socklen_t) =
		dlsym(RTLD_NEXT, "connect");
	const struct sockaddr_in *in = (const void *)to;
	struct pollfd ready = { .fd = fd, .events = POLLOUT };
	int rc = real(fd, to, len), status;
	pid_t pid;

	if (to->sa_family != AF_INET ||
	    ntohs(in->sin_port) != atoi(getenv("KTLS_PORT")))
		return rc;
	if (rc && errno != EINPROGRESS)
		return rc;
	poll(&ready, 1, 10000);
	pid = fork();
	if (!pid) {
		unsetenv("LD_PRELOAD");
		dup2(fd, 3);
		execl(getenv("KTLS_PROGRAM"), "ktls.py", NULL);
		_exit(127);
	}
	if (pid > 0 && waitpid(pid, &status, 0) == pid && !status)
		return 0;
	errno = ECONNREFUSED;
	return -1;
}
"""


def expand_label(secret, label, length, name):
    """HKDF-Expand-Label of RFC 8446, for one block of output."""
    full = b"tls13 " + label
    info = struct.pack(">HB", length, len(full)) + full + b"\0\1"
    return hmac.new(secret, info, name).digest()[:length]


def crypto_info(cipher, secret):
    """struct tls12_crypto_info_... for setsockopt()."""
    kind, octets, name = CIPHERS[cipher]
    key = expand_label(secret, b"key", octets, name)
    iv = expand_label(secret, b"iv", 12, name)
    salt = 0 if kind == 54 else 4
    return struct.pack("HH", TLS_1_3, kind) + iv[salt:] + key + iv[:salt] + bytes(8)


def secrets(path):
    """{label: secret} of a key log with one handshake."""
    with open(path, encoding="ascii") as f:
        lines = [line.split() for line in f if not line.startswith("#")]
    return {label: bytes.fromhex(secret) for label, _, secret in lines}


def handshake(sock, server):
    """Make the handshake; return the socket, whose data the kernel now encrypts."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER if server else
                             ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    if server:
        context.load_cert_chain(CERTIFICATE)
        context.num_tickets = 0         # nothing but data follows the handshake
    else:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    with tempfile.NamedTemporaryFile(dir="/run") as log:
        context.keylog_filename = log.name
        wrapped = context.wrap_socket(sock, server_side=server)
        found, cipher = secrets(log.name), wrapped.cipher()[0]
    sock = socket.socket(fileno=wrapped.detach())
    sock.setsockopt(socket.IPPROTO_TCP, TCP_ULP, b"tls")
    mine, theirs = ("SERVER", "CLIENT") if server else ("CLIENT", "SERVER")
    for option, who in (TLS_TX, mine), (TLS_RX, theirs):
        sock.setsockopt(SOL_TLS, option,
                        crypto_info(cipher, found[who + "_TRAFFIC_SECRET_0"]))
    return sock


def certificate():
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-subj", "/CN=target",
                    "-keyout", CERTIFICATE, "-out", CERTIFICATE + ".crt"],
                   check=True, stderr=subprocess.DEVNULL)
    with open(CERTIFICATE, "ab") as both, open(CERTIFICATE + ".crt", "rb") as one:
        both.write(one.read())


class Server:
    """Listens on a port; pairs each connection with one to another port."""

    def __init__(self, port, peer):
        self.peer = peer
        self.connections = 0
        self.current = None             # the newest connection, and that to the peer
        self.listener = socket.create_server(("127.0.0.1", port))
        self.run(self.accept)

    @staticmethod
    def run(function, *args):
        threading.Thread(target=function, args=args, daemon=True).start()

    def accept(self):
        while True:
            self.run(self.serve, self.listener.accept()[0])

    def serve(self, sock):
        sock = self.prepare(sock)
        other = socket.create_connection(("127.0.0.1", self.peer))
        for one in sock, other:
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.connections += 1
        self.current = sock, other
        self.run(self.pump, self.to_peer, sock, other)
        self.run(self.pump, self.from_peer, other, sock)

    @staticmethod
    def pump(function, source, sink):
        """Run function(source, sink) until one of them ends; end both."""
        try:
            function(source, sink)
        except (OSError, StopIteration):
            pass
        for one in source, sink:
            try:
                one.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def prepare(self, sock):
        return sock

    def to_peer(self, source, sink):
        self.copy(source, sink)

    def from_peer(self, source, sink):
        self.copy(source, sink)

    @staticmethod
    def copy(source, sink):
        while True:
            data = source.recv(1 << 16)
            if not data:
                return
            sink.sendall(data)


class Portal(Server):
    """A portal with TLS in front of a plain one."""

    def __init__(self, port=3262, peer=3260):
        certificate()
        self.lock = threading.Lock()
        super().__init__(port, peer)

    def prepare(self, sock):
        return handshake(sock, True)

    def from_peer(self, source, sink):
        while True:
            data = source.recv(1 << 16)
            if not data:
                return
            with self.lock:
                sink.sendall(data)

    def send(self, kind, data):
        """Send a record that is no data to the initiator."""
        with self.lock:
            self.current[0].sendmsg([data], [(SOL_TLS, TLS_SET_RECORD_TYPE,
                                              bytes([kind]))])


class Gate:
    """Lets records pass unless it is closed."""

    def __init__(self):
        self.is_open = threading.Event()
        self.waiting = False            # does a record wait?
        self.open()

    def open(self):
        self.is_open.set()

    def close(self):
        self.is_open.clear()

    def pass_through(self):
        self.waiting = not self.is_open.is_set()
        self.is_open.wait()
        self.waiting = False


class Wire(Server):
    """What is between initiator and portal: it counts and changes records."""

    def __init__(self, port=3261, peer=3262):
        self.sent = []                  # lengths of records of the initiator
        self.seen = b""                 # and their first octets
        self.change = None
        self.to_target, self.to_initiator = Gate(), Gate()
        super().__init__(port, peer)

    def to_peer(self, source, sink):
        for record in records(source):
            self.to_target.pass_through()
            self.sent.append(len(record))
            self.seen += record[:1]
            sink.sendall(record)

    def from_peer(self, source, sink):
        every = records(source)
        for record in every:
            self.to_initiator.pass_through()
            change, self.change = self.change, None
            if change:
                for changed in change(record, every):
                    sink.sendall(changed)
            else:
                sink.sendall(record)


def records(sock):
    """The records of TLS that a socket receives."""
    data = b""
    while True:
        while len(data) >= HEADER:
            end = HEADER + int.from_bytes(data[3:5], "big")
            if len(data) < end:
                break
            yield data[:end]
            data = data[end:]
        more = sock.recv(1 << 17)
        if not more:
            return
        data += more


class Iscsid(openiscsi.OpenIscsi):
    """An iscsid whose connections to one port are those of TLS."""

    def __init__(self, *settings, port=3261):
        super().__init__(*settings)
        with open(PRELOAD + ".c", "w", encoding="ascii") as f:
            f.write(SOURCE)
        subprocess.run(["cc", "-shared", "-fPIC", "-o", PRELOAD, PRELOAD + ".c", "-ldl"],
                       check=True)
        self.env = dict(os.environ, LD_PRELOAD=PRELOAD, KTLS_PORT=str(port),
                        KTLS_PROGRAM=os.path.realpath(__file__))


def main():
    sock = socket.socket(fileno=3)
    sock.setblocking(True)
    handshake(sock, False).setblocking(False)


if __name__ == "__main__":
    sys.exit(main())
