# SPDX-License-Identifier: GPL-2.0-or-later
"""Key management system calls for the tests (x86-64)."""
import ctypes
import os

ADD_KEY, REQUEST_KEY, KEYCTL = 248, 249, 250
SESSION_KEYRING = -3

_libc = ctypes.CDLL(None, use_errno=True)


def _call(*args):
    result = _libc.syscall(*[ctypes.c_long(arg) if isinstance(arg, int)
                             else arg for arg in args])
    if result < 0:
        error = ctypes.get_errno()
        raise OSError(error, os.strerror(error))
    return result


def set_comm(name):
    """Set the name of this process, as shown by ps."""
    _libc.prctl(15, name.encode(), 0, 0, 0)


def add_key(kind, description, payload, keyring=SESSION_KEYRING):
    return _call(ADD_KEY, kind.encode(), description.encode(), payload,
                 len(payload), keyring)


def request_key(kind, description, callout=None, keyring=SESSION_KEYRING):
    return _call(REQUEST_KEY, kind.encode(), description.encode(),
                 callout.encode() if callout is not None else None, keyring)


def join_session():
    return _call(KEYCTL, 1, None)


def update(key, payload):
    return _call(KEYCTL, 2, key, payload, len(payload))


def revoke(key):
    return _call(KEYCTL, 3, key)


def clear(key):
    return _call(KEYCTL, 7, key)


def link(key, keyring):
    return _call(KEYCTL, 8, key, keyring)


def unlink(key, keyring):
    return _call(KEYCTL, 9, key, keyring)


def read(key, size):
    """Return (return value of the call, buffer)."""
    buffer = ctypes.create_string_buffer(size) if size else None
    got = _call(KEYCTL, 11, key, buffer, size)
    return got, buffer.raw[:got] if size else b""


def instantiate(key, payload, keyring):
    return _call(KEYCTL, 12, key, payload, len(payload), keyring)


def assume_authority(key):
    return _call(KEYCTL, 16, key)


def invalidate(key):
    return _call(KEYCTL, 21, key)
