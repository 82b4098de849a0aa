# SPDX-License-Identifier: GPL-2.0-or-later
"""Which lines of a kernel's log or console make a test fail."""
import os
import subprocess
import sys

import pytest

TOP = os.path.dirname(os.path.dirname(os.path.realpath(__file__)))
sys.path.insert(0, TOP + "/qemu/tests/lib")
# pylint: disable=wrong-import-position
from kernellog import Message, is_trouble, unexpected

WARNING, INFO = 4, 6
FAILED = "iSCSI: login of \"a\" from b by SRP as \"c\" failed with status 0201: d"
TROUBLE = (
    "workqueue: work func srp_pool_work enqueued on deprecated workqueue.",
    "BUG: KASAN: slab-use-after-free in srp_job_put+0x10/0x20",
    "WARNING: CPU: 0 PID: 1 at drivers/target/iscsi/srp/queue.c:9",
    "sysfs: cannot create duplicate filename '/iscsi_target_srp'",
    "iscsi-srpd[77]: segfault at 0 ip 0 sp 0 error 4",
)
HARMLESS = (
    FAILED,
    "srp_log_failure: 4 callbacks suppressed",
    "iSCSI Login negotiation failed.",
    " [<61055706>] ? iscsit_pending_enter+0x1c6/0x210",
    "loop: module loaded",
)
HELPER = "iscsi-srpd[77]: cannot start a worker: Cannot allocate memory"


@pytest.mark.parametrize("line", TROUBLE)
def test_trouble(line):
    assert is_trouble(Message(line, WARNING))


@pytest.mark.parametrize("line", HARMLESS)
def test_harmless(line):
    assert not is_trouble(Message(line, WARNING))


def test_expected():
    messages = [Message(FAILED, WARNING), Message("iSCSI SRP: fine", INFO)]
    assert unexpected(messages, []) == [FAILED]
    assert unexpected(messages, ["status 03"]) == [FAILED]
    assert not unexpected(messages, ["status 0[02]"])


def reported(tmp_path, line):
    """Whether a console with this line is reported."""
    console = tmp_path / "console"
    console.write_text("Kernel command line: kunit.filter_glob=iscsi_target_srp*\r\n"
                       "Key type iscsi_srp registered\r\n"
                       "    # Subtest: iscsi_target_srp_text\r\n"
                       "    ok 1 srp_is_fine\r\n" + line + "\r\n")
    return subprocess.run(
        ["bash", "-c", '. "$0" && prog=test report_trouble "$1"',
         TOP + "/qemu/console.sh", console], check=False,
        stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.parametrize("line", TROUBLE)
def test_console_trouble(tmp_path, line):
    assert reported(tmp_path, line)
    assert reported(tmp_path, "[    1.234567] " + line)


@pytest.mark.parametrize("line", HARMLESS + (HELPER,))
def test_console_harmless(tmp_path, line):
    assert not reported(tmp_path, line)
