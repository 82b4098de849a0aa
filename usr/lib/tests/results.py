# SPDX-License-Identifier: GPL-2.0-or-later
"""Plugin for pytest: prints a line "ok NAME" or "not ok NAME" for each test, as
ci/summary.sh counts them, and what went wrong behind it.  NAME is
COMPONENT/FILE/TEST, without the prefixes "test_":

    COMPONENT=srpd PYTHONPATH=usr/lib/tests pytest-3 -p results usr/srpd/tests
"""
import os
import re

import pytest

pytest.register_assert_rewrite("programs")


@pytest.hookimpl(trylast=True)
def pytest_configure(config):
    # "-p no:terminal" would remove options that failed asserts look at
    config.pluginmanager.unregister(name="terminalreporter")


def show(report, outcome, reason=""):
    path, _, test = report.nodeid.partition("::")
    file = os.path.splitext(os.path.basename(path))[0]
    name = "/".join(re.sub("^test_", "", part) for part in (file, test) if part)
    print("%s %s/%s%s" % (outcome, os.environ["COMPONENT"], name, reason))
    if outcome == "not ok":
        sections = [report.longreprtext] + [s for _, s in report.sections]
        print("    " + "\n".join(sections).replace("\n", "\n    "))


def pytest_runtest_logreport(report):
    if report.skipped:
        show(report, "ok", " # SKIP " + report.longrepr[2])
    elif report.failed:
        show(report, "not ok")
    elif report.when == "call":
        show(report, "ok")


def pytest_collectreport(report):
    if report.failed:
        show(report, "not ok")
