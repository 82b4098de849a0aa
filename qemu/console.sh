# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Reading a guest's console.

# What the kernel says when something is wrong with it
trouble='BUG:|WARNING:|Oops|KASAN|KFENCE:|UBSAN|ODEBUG|INFO: task|refcount_t:'
trouble+='|possible (circular|recursive|irq)|suspicious RCU|kmemleak: [1-9]'
trouble+='|Kernel panic'

# report_trouble CONSOLE: show the first such report, or return 1 without one
report_trouble() {
	local first
	first=$(grep -anEm1 "$trouble" "$1") || return 1
	echo "$prog: the kernel reports a bug; the console from there:" >&2
	tail -n "+${first%%:*}" "$1" | head -n 60 >&2
}

# memory_dir MIB FALLBACK: where a guest's memory can be a file: in /dev/shm if
# it fits there and can be executed, for it is mapped so
memory_dir() {
	local free
	free=$(df --output=avail -m /dev/shm 2>/dev/null | tail -n 1)
	if [ "${free:-0}" -gt $((2 * $1)) ] &&
	   ! findmnt -no OPTIONS -T /dev/shm | grep -qw noexec; then
		echo /dev/shm
	else
		echo "$2"
	fi
}
