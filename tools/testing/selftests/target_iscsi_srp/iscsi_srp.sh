#!/bin/sh
# SPDX-License-Identifier: GPL-2.0
#
# Log in to the iSCSI target with SRP, over the loopback device: srp_login.c is the
# initiator, srp_helper.c the target's helper, which request-key starts.  Meanwhile
# no other target and no other helper must be in use.

DIR=$(dirname "$(readlink -f "$0")")
# shellcheck source=/dev/null
. "$DIR"/../kselftest/ktap_helpers.sh

ISCSI=/sys/kernel/config/target/iscsi
TARGET=iqn.2003-01.org.linux-iscsi.selftest:target
INITIATOR=iqn.2003-01.org.linux-iscsi.selftest:initiator
PORT=13260
TPG=$ISCSI/$TARGET/tpgt_1
ACL=$TPG/acls/$INITIATOR
RULES=/etc/request-key.d
SALT=000102030405060708090a0b0c0d0e0f

skip() {
	ktap_skip_all "$@"
	exit "$KSFT_SKIP"
}

# Print the serial numbers of the keys of a type and, if given, a name
keys() {
	awk -v type="$1" -v name="$2" '
	$8 == type && (name == "" || $9 == name ":") { print "0x" $1 }' /proc/keys
}

# Allow the target to start a helper again, after a start has failed
forget_failure() {
	for ring in $(keys keyring .iscsi_srp); do
		keyctl clear "$ring"
	done
}

kill_helpers() {
	[ ! -e "$TMP/pids" ] || xargs kill <"$TMP/pids" 2>/dev/null
	rm -f "$TMP/pids"
}

cleanup() {
	if [ -d "$TPG" ]; then
		echo 0 >"$TPG/enable"
		rmdir "$ACL" "$TPG/np/127.0.0.1:$PORT" "$TPG" "${TPG%/*}"
	fi
	[ -z "$made" ] || rmdir "$ISCSI"
	if [ -n "$TMP" ]; then
		rm -f "$TMP/rules/iscsi_srp.conf"
		kill_helpers
		umount "$RULES"
		forget_failure
		rm -r "$TMP"
	fi
}

# Have request-key start our helper, and no other one
set_rules() {
	mkdir "$TMP/rules"
	for file in "$RULES"/*.conf; do
		[ ! -e "$file" ] || grep -v iscsi_srp "$file" \
			>"$TMP/rules/${file##*/}"
	done
	echo "create iscsi_srp * * $DIR/srp_helper %k $TMP/pids" \
		>"$TMP/rules/iscsi_srp.conf"
	mount --bind "$TMP/rules" "$RULES"
}

create_target() {
	mkdir -p "$TPG/np/127.0.0.1:$PORT" "$ACL" &&
	echo SRP >"$TPG/param/AuthMethod" &&
	echo 1 >"$TPG/attrib/authentication" &&
	echo alice >"$ACL/auth/srp_userid" &&
	echo "$SALT" >"$ACL/auth/srp_salt" &&
	"$DIR"/srp_login alice password "$SALT" \
		>"$ACL/auth/srp_verifier_SRP-1536" &&
	echo 1 >"$TPG/enable"
}

# expect STATUS DESCRIPTION USER PASSWORD: log in
expect() {
	status=$("$DIR"/srp_login "$PORT" "$TARGET" "$INITIATOR" "$3" "$4" 2>&1)
	if [ "$status" = "$1" ]; then
		ktap_test_pass "$2"
	else
		ktap_print_msg "expected status $1: $status"
		ktap_test_fail "$2"
	fi
}

ktap_print_header
[ "$(id -u)" -eq 0 ] || skip "must be run as root"
[ -x "$DIR/srp_helper" ] || skip "built without libcrypto"
command -v keyctl >/dev/null || skip "needs keyctl (keyutils)"
[ -x /sbin/request-key ] || skip "needs /sbin/request-key (keyutils)"
[ -d "$RULES" ] || skip "needs $RULES (keyutils)"
modprobe -q iscsi_target_mod 2>/dev/null
[ -d "${ISCSI%/*}" ] || skip "needs CONFIG_TARGET_CORE, and configfs mounted"

made=
TMP=
trap cleanup EXIT
trap 'exit 1' HUP INT TERM
if [ ! -d "$ISCSI" ]; then
	mkdir "$ISCSI" 2>/dev/null || skip "needs CONFIG_ISCSI_TARGET"
	made=yes
fi
[ -e "$ISCSI/discovery_auth/srp_userid" ] ||
	skip "needs CONFIG_ISCSI_TARGET_SRP"
for other in "$ISCSI"/iqn.* "$ISCSI"/eui.* "$ISCSI"/naa.*; do
	[ ! -e "$other" ] || skip "the iSCSI target is in use"
done
forget_failure
[ -z "$(keys iscsi_srp)" ] || skip "the iSCSI target's helper is in use"
TMP=$(mktemp -d) || skip "cannot create a directory"
set_rules || skip "cannot set a rule for request-key"

ktap_set_plan 5
create_target || ktap_exit_fail_msg "cannot create a target"
expect 0000 "the right password" alice password
expect 0201 "a wrong password" alice wrong
expect 0201 "an unknown user" bob password
kill_helpers
expect 0000 "another helper replaces one that was killed" alice password
rm "$TMP/rules/iscsi_srp.conf"
kill_helpers
expect 0301 "there is no helper" alice password
ktap_finished
