# SPDX-License-Identifier: GPL-2.0-or-later
"""What a program writes to the system's log; guests have no daemon for it."""
import os
import socket
import threading

PATH = "/dev/log"


class Lines:
    """The lines of a program, during a with block."""

    def __init__(self, program):
        self.mark = (program + "[").encode()
        self.lines = []

    def __enter__(self):
        if os.path.lexists(PATH):
            os.unlink(PATH)
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.socket.bind(PATH)
        threading.Thread(target=self._listen, daemon=True).start()
        return self.lines

    def __exit__(self, *_):
        os.unlink(PATH)

    def _listen(self):
        while True:
            line = self.socket.recv(4096)
            if self.mark in line:
                self.lines.append(line.decode(errors="replace"))
