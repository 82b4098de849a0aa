#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# demo-guest.sh: the part of "make demo" inside the guest.  It runs the commands that
# an admin types on a target and on an initiator, here on the same machine.
set -euo pipefail

target=iqn.2026-01.org.example:disk
initiator=iqn.2026-01.org.example:client
portal=127.0.0.1:3260
fabric=/sys/kernel/config/target/iscsi
tpg=$fabric/$target/tpgt_1
trace=/sys/kernel/tracing
log=/run/demo.log

step() {
	printf '  %-10s %s\n' "$1" "$2"
}

fail() {
	echo "demo: $*; the log ends:" >&2
	tail -n 30 "$log" >&2
	exit 1
}

# run COMMAND...: the command must succeed; log its output
run() {
	"$@" >>"$log" 2>&1 || fail "failed: $*"
}

# Print the result of the last login, from the target's tracepoint
target_says() {
	sed -n 's/.* iscsi_srp_login: .* mutual=/mutual=/p' "$trace/trace" | tail -n 1
}

configure_initiator() (
	umask 077
	cat >/etc/iscsi/iscsid.conf <<-END
	node.startup = manual
	node.session.initial_login_retry_max = 1
	node.session.auth.authmethod = SRP
	node.session.auth.srp_username = alice
	node.session.auth.srp_password = $1
	discovery.sendtargets.auth.authmethod = SRP
	discovery.sendtargets.auth.srp_username = alice
	discovery.sendtargets.auth.srp_password = $1
	END
)

# Wait until the session's disk can be opened; print its path
disk() {
	local found=(/sys/class/iscsi_session/session*/device/target*/*/block/*)
	local node=/dev/${found[0]##*/}
	[ -b "$node" ] && blockdev --getsize64 "$node" >/dev/null 2>&1 &&
		echo "$node"
}

password=$(head -c 12 /dev/urandom | base64)

truncate -s 64M /run/disk.img
run targetcli <<END
/backstores/fileio create disk /run/disk.img
/iscsi create $target
/iscsi/$target/tpg1/luns create /backstores/fileio/disk
/iscsi/$target/tpg1/acls create $initiator
END
echo SRP >"$tpg/param/AuthMethod"
echo 1 >"$tpg/attrib/authentication"
echo 1 >"$fabric/discovery_auth/enforce_discovery_auth"
step target "$target, 64 MiB; logins and discovery by SRP only"
for auth in "$tpg/acls/$initiator/auth" "$fabric/discovery_auth"; do
	run iscsi-srp-passwd --configfs "$auth" alice <<<"$password"
done
stored=$(cd "$tpg/acls/$initiator/auth" && grep -lE '^(0x)?[0-9a-f]{100}' srp_verifier_* |
	sed 's/srp_verifier_//' | xargs)
step user "alice; the target stores a salt and verifiers for $stored"
[ -n "$stored" ] || fail "no verifier was stored"

echo "InitiatorName=$initiator" >/etc/iscsi/initiatorname.iscsi
configure_initiator "$password"
mkdir -p /run/lock/iscsi
iscsid -f -d 1 >>"$log" 2>&1 &
until grep -q ISCSIADM_ABSTRACT_NAMESPACE /proc/net/unix; do
	sleep 0.1
done
echo 1 >"$trace/events/iscsi_srp/iscsi_srp_login/enable"

run iscsiadm -m discovery -t sendtargets -p $portal
[ "$(target_says)" = "mutual=1 status=0000" ] || fail "discovery: $(target_says)"
step discovery "by SRP, found $(iscsiadm -m node | awk '{ print $2 }')"

run iscsiadm -m node -T $target -p $portal --login
[ "$(target_says)" = "mutual=1 status=0000" ] || fail "login: $(target_says)"
step login "the target: the initiator has proved that it knows the password"
proved=$(sed -n 's/.*\(authenticated by SRP (.*\)/\1/p' "$log" | tail -n 1)
[[ $proved == *"target proved itself"* ]] || fail "the target did not prove itself"
step "" "the initiator: $proved"

for ((i = 0; i < 100; i++)); do
	disk >/dev/null && break
	sleep 0.1
done
disk=$(disk) || fail "no disk"
mkdir /run/disk
run mkfs.ext4 -q "$disk"
run mount "$disk" /run/disk
head -c 20M /dev/urandom >/run/disk/file
written=$(sha256sum </run/disk/file)
run umount /run/disk
# Read from the target, not from the page cache
blockdev --flushbufs "$disk"
echo 3 >/proc/sys/vm/drop_caches
run mount "$disk" /run/disk
[ "$(sha256sum </run/disk/file)" = "$written" ] || fail "read what was not written"
run umount /run/disk
step disk "$disk: made a file system, wrote 20 MiB, read the same back"

run iscsiadm -m node -T $target -p $portal --logout
step logout "done"

run iscsiadm -m node -T $target -p $portal -o delete
configure_initiator "not-$password"
run iscsiadm -m node -T $target -p $portal -o new
status=0
iscsiadm -m node -T $target -p $portal --login >>"$log" 2>&1 || status=$?
[ "$status $(target_says)" = "24 mutual=1 status=0201" ] ||
	fail "wrong password: iscsiadm ended with $status, the target says $(target_says)"
step refused "a wrong password: login status 0201, authentication failure"
