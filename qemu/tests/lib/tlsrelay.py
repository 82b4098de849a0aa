# SPDX-License-Identifier: GPL-2.0-or-later
"""Somebody between initiator and target who ends TLS, and begins it again."""
import contextlib
import socket
import ssl
import subprocess
import threading

import tls

PORTAL = ("127.0.0.1", 3261)


def certificate_for(address):
    """A certificate that names this address."""
    made = tls.Certificate(address)
    subprocess.run(["openssl", "req", "-x509", "-nodes", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:P-256", "-sha256", "-subj", "/CN=target",
                    "-addext", "subjectAltName=IP:" + address, "-days", "30",
                    "-out", made.path, "-keyout", made.key],
                   check=True, capture_output=True)
    return made


class Relay:
    """with Relay(certificate) as portal: ...

    edit(from_target, data) may change what came at once.  to_target: whether it also
    uses TLS to the target.
    """

    def __init__(self, certificate, edit=None, to_target=True):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate.path, certificate.key)
        # tlshd sends none, and the kernel takes only data
        self.context.num_tickets = 0
        self.edit = edit or (lambda from_target, data: data)
        self.to_target = to_target
        self.sockets = []

    def __enter__(self):
        self.listener = socket.create_server(PORTAL)
        threading.Thread(target=self.serve, daemon=True).start()
        return "%s:%d" % PORTAL

    def __exit__(self, *_):
        for sock in [self.listener] + self.sockets:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            sock.close()

    def serve(self):
        with contextlib.suppress(OSError):
            while True:
                here = self.listener.accept()[0]
                with contextlib.suppress(OSError, tls.iscsi.Closed):
                    here = self.context.wrap_socket(here, server_side=True)
                    there = socket.create_connection(("127.0.0.1", 3260))
                    if self.to_target:
                        there = tls.wrap(there)
                    self.sockets += [here, there]
                    for source, sink in (here, there), (there, here):
                        threading.Thread(target=self.copy, daemon=True, args=(
                            source, sink, source is there)).start()

    def copy(self, source, sink, from_target):
        with contextlib.suppress(OSError, ValueError):
            while data := source.recv(65536):
                sink.sendall(self.edit(from_target, data))
        for sock in source, sink:
            with contextlib.suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
