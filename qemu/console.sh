# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# Functions to read the console of a guest.

# Bug reports of the kernel
trouble='BUG:|WARNING:|Oops|KASAN|KFENCE:|UBSAN|ODEBUG|INFO: task|refcount_t:'
trouble+='|possible (circular|recursive|irq)|suspicious RCU|kmemleak: [1-9]'
trouble+='|Kernel panic|iscsi-srpd\[[0-9]+\]: segfault'

# Lines that name our code, and exceptions: messages of our own and of the helper, whose
# level the console does not show, audit records, results of KUnit, and stacks, which a
# failed allocation has, too
ours='iscsi_target_srp|iscsi_srp|iscsit_guess|iscsit_pending|iSCSI SRP|[^A-Za-z_]srp_|iscsi-srpd'
harmless='^((iSCSI( SRP)?|audit): |Key type |Kernel command line: | *(ok|not ok|#|KTAP) )'
harmless+='|callbacks suppressed|^iscsi-srpd\[[0-9]+\]: |^ *\[<[0-9a-f]+>\]'

# first_trouble CONSOLE: print the number of the first such line, if any.  Ignore the
# warning of mainline with PROVE_RCU about its own start of a second CPU.
first_trouble() {
	awk -v trouble="$trouble" -v ours="$ours" -v harmless="$harmless" '
	{ sub(/\r$/, ""); sub(/^\[ *[0-9.]+\] /, "") }
	pending && /Callback enqueued on offline CPU/ { pending = 0 }
	pending && NR > pending + 3 { exit }
	/WARNING: suspicious RCU usage/ && !pending { pending = NR; next }
	$0 ~ trouble && !pending { pending = NR; exit }
	" " $0 ~ ours && $0 !~ harmless && !pending { pending = NR; exit }
	END { if (pending) print pending }' "$1"
}

# report_trouble CONSOLE: print the first such report, or return 1 if there is none
report_trouble() {
	local first
	first=$(first_trouble "$1")
	[ -n "$first" ] || return 1
	echo "$prog: the kernel reports a bug; the console around it:" >&2
	sed -n "$((first > 10 ? first - 10 : 1)),$((first + 60))p" "$1" >&2
}

# memory_dir MIB FALLBACK: print a directory for the guest's memory file: /dev/shm if
# it has space and allows executable mappings, which the guest needs
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
