#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# build-relay.sh: build qemu/relay.c and print the path of the program.
set -eu
. "$(dirname "$0")/../common.sh"

hash=$(sha256sum <"$top/qemu/relay.c")
dir=$cache/relay/${hash%% *}
if [ ! -x "$dir/relay" ]; then
	mkdir -p "$dir"
	run_logged "$cache/log/relay.log" "${CC:-cc}" -O2 -Wall -Wextra -Werror \
		-o "$dir/relay.$$" "$top/qemu/relay.c"
	mv "$dir/relay.$$" "$dir/relay"
fi
echo "$dir/relay"
