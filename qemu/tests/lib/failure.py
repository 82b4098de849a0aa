# SPDX-License-Identifier: GPL-2.0-or-later
"""Why a test failed, for the line that says so: logs are cut."""

LENGTH = 200                            # characters; all of it is in the output


def why(output):
    """One line of a test's output, behind a colon, or "": the error that ended the
    test, or else what the kernel reported first.
    """
    lines = output.splitlines()
    for title, indented in (("Traceback ", True), ("-- the kernel ", False)):
        found = [n for n, line in enumerate(lines) if line.startswith(title)]
        rest = lines[found[-1] + 1:] if found else []
        for line in rest:
            if not (indented and line.startswith(" ")):
                return ": " + line[:LENGTH]
    return ""
