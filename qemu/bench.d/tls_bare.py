#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-or-later
"""A stream of bytes between two machines, with or without TLS in the kernel.

    tls_bare.py serve PORT CERTIFICATE KEY
    tls_bare.py read|write ADDRESS PORT SECONDS tcp|tls
    tls_bare.py handshake ADDRESS PORT COUNT

serve answers connections to PORT with TLS, and to PORT + 1 without.  The others print
JSON.  OpenSSL only makes the handshake: what follows are system calls of 1 MiB on the
socket, whose data the kernel encrypts.  A file named by OPENSSL_CONF chooses the cipher.
"""
import json
import socket
import ssl
import struct
import sys
import threading
import time

SIZE = 1 << 20
SOL_TLS, TLS_TX, TLS_RX = 282, 1, 2
REQUEST = struct.Struct(">5sd")         # "read" or "write", seconds
RESULT = struct.Struct(">Qd")           # bytes, seconds


def in_kernel(wrapped):
    """The socket of an SSLSocket, whose keys the kernel has."""
    sock = socket.socket(fileno=wrapped.detach())
    for option in TLS_TX, TLS_RX:
        sock.getsockopt(SOL_TLS, option, 4)     # an error if there is no key
    return sock


def exactly(sock, count):
    data = b""
    while len(data) < count:
        more = sock.recv(count - len(data))
        if not more:
            raise EOFError("the connection ended")
        data += more
    return data


def send(sock, seconds):
    data = bytes(SIZE)
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        sock.sendall(data)


def receive(sock):
    """Receive until the end; return (bytes, seconds since the first one)."""
    buffer = bytearray(SIZE)
    count = sock.recv_into(buffer)
    n, began = count, time.monotonic()
    while n:
        n = sock.recv_into(buffer)
        count += n
    return count, time.monotonic() - began


def attend(sock, context):
    """Serve a connection.  One that only makes a handshake ends without a request."""
    try:
        with sock if not context else in_kernel(
                context.wrap_socket(sock, server_side=True)) as connection:
            what, seconds = REQUEST.unpack(exactly(connection, REQUEST.size))
            if what == b"read ":
                send(connection, seconds)
            else:
                connection.sendall(RESULT.pack(*receive(connection)))
    except (OSError, EOFError):
        pass


def serve(port, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.num_tickets = 0             # nobody would read these
    context.options |= ssl.OP_ENABLE_KTLS
    context.load_cert_chain(certificate, key)

    def listen(port, context):
        with socket.create_server(("", port), backlog=16) as listener:
            while True:
                threading.Thread(target=attend, daemon=True,
                                 args=(listener.accept()[0], context)).start()

    threading.Thread(target=listen, args=(port + 1, None), daemon=True).start()
    listen(port, context)


def client():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.options |= ssl.OP_ENABLE_KTLS
    return context


def stream(what, address, port, seconds, kind):
    cipher = None
    if kind == "tcp":
        sock = socket.create_connection((address, port + 1))
    else:
        wrapped = client().wrap_socket(socket.create_connection((address, port)))
        cipher = wrapped.cipher()[0]
        sock = in_kernel(wrapped)
    with sock:
        sock.sendall(REQUEST.pack(what.ljust(5).encode(), seconds))
        if what == "read":
            count, took = receive(sock)
        else:
            send(sock, seconds)
            sock.shutdown(socket.SHUT_WR)
            count, took = RESULT.unpack(exactly(sock, RESULT.size))
    return {"bytes": count, "seconds": took, "cipher": cipher}


def handshake(address, port, count):
    """Times of TCP's and TLS's handshake together, in seconds."""
    context, took = client(), []
    for _ in range(count):
        began = time.monotonic()
        with context.wrap_socket(socket.create_connection((address, port))):
            took.append(time.monotonic() - began)
    return took


def main():
    what, *words = sys.argv[1:]
    if what == "serve":
        serve(int(words[0]), *words[1:])
    elif what == "handshake":
        print(json.dumps(handshake(words[0], int(words[1]), int(words[2]))))
    else:
        print(json.dumps(stream(what, words[0], int(words[1]), float(words[2]), words[3])))


if __name__ == "__main__":
    main()
