# SPDX-License-Identifier: GPL-2.0-or-later
"""Logins that end at the same moment."""
import contextlib

from initiator import Initiator, ended
from iscsi import Closed

TIMEOUT = 10                            # seconds; LIO's own limit is 15


@contextlib.contextmanager
def ready(*hows, method="SRP"):
    """Initiators that have only the operational stage before them.

    hows: arguments of each.
    """
    with contextlib.ExitStack() as stack:
        initiators = []
        for how in hows:
            i = stack.enter_context(Initiator(timeout=TIMEOUT, **how))
            getattr(i, method.lower())()
            initiators.append(i)
        yield initiators


def finish(initiators):
    """Send the last request of each before the answer to any; return the outcomes."""
    for i in initiators:
        i.send_operational()
    return [ended(lambda i=i: "0000" if i.recv().transit else "T=0")
            for i in initiators]


def answers(i):
    """Whether the session answers; False if the target has closed the connection."""
    try:
        return bool(i.send_targets()) if i.discovery else i.ping()
    except Closed:
        return False
