#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo.sh: build everything and show an SRP login from end to end in a guest.
set -euo pipefail
. "$(dirname "$0")/../common.sh"

started=$SECONDS
echo "lio-srp: an iSCSI login by SRP, on a mainline kernel in User-mode Linux"
"$top/scripts/kernel/build-kernel.sh" mainline >/dev/null
"$top/scripts/guest/build-user.sh" >/dev/null
"$top/qemu/run" -k mainline -t 120 -- "$top/scripts/guest/demo-guest.sh"
echo "That took $((SECONDS - started)) s in all."
