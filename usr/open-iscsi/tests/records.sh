#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# records.sh BUILD: test the iscsiadm in BUILD and its record database. Runs in
# a mount namespace with an empty database and configuration. Prints TAP.
set -u

build=$1
if [ "${2:-}" != inside ]; then
	# in a chroot root needs no user namespace, and may not get one
	for how in -m -rm; do
		unshare $how true 2>/dev/null && exec unshare $how "$0" "$build" inside
	done
	echo "ok 1 - records # SKIP no mount namespace: unshare -rm does not work here"
	echo 1..1
	exit 0
fi

for dir in /etc /run /var/lib; do
	mount -t tmpfs none $dir || exit 1
done
mkdir -p /etc/iscsi /run/lock/iscsi
echo "InitiatorName=iqn.2026-01.org.example:client" >/etc/iscsi/initiatorname.iscsi

target=iqn.2026-01.org.example:disk
portal=127.0.0.1:3260
password='correct horse: = # %s'
count=0

adm() { "$build/iscsiadm" "$@" 2>&1; }
node() { adm -m node -T $target -p $portal "$@"; }
update() { # KEY VALUE...
	local key=$1
	shift
	node -o update -n "node.session.auth.$key" -v "$@"
}
set_password() { printf '%s\n' "$1" | update srp_password -; }
record() { find /var/lib/iscsi/nodes -type f; }
has() { grep -qxF -- "$1"; }

# result NAME: the result of a test is the status of the command before
result() {
	local status=$? not=
	[ $status -eq 0 ] || not='not '
	echo "${not}ok $((++count)) - records/$1"
	[ -z "$not" ] || printf '%s\n' "${out:-}" | sed 's/^/# /'
}

# refuses WORDS COMMAND...: it fails with WORDS and leaves the record unchanged
refuses() {
	local words=$1 before status
	shift
	before=$(sha256sum <"$(record)")
	out=$("$@")
	status=$?
	[ $status -ne 0 ] && grep -qF -- "$words" <<<"$out" &&
		[ "$before" = "$(sha256sum <"$(record)")" ]
}

out=$(node -o new)
out=$(node)
has "node.session.auth.authmethod = None" <<<"$out" &&
	has "node.session.auth.srp_username = <empty>" <<<"$out" &&
	has "node.session.auth.srp_password = <empty>" <<<"$out" &&
	has "node.session.auth.srp_groups = SRP-1536,SRP-2048,MODP-3072,MODP-4096,MODP-6144,MODP-8192" <<<"$out" &&
	has "node.session.auth.srp_target_auth = Yes" <<<"$out"
result "defaults"

# An unpatched open-iscsi cannot read a record with any of SRP's keys
without_srp() { ! out=$(grep -rF srp_ /var/lib/iscsi); }
without_srp && has "node.session.auth.authmethod = None" <"$(record)"
result "a record without SRP has none of its keys"
update srp_target_auth No >/dev/null && update srp_groups MODP-3072 >/dev/null &&
	update authmethod CHAP >/dev/null
has "node.session.auth.srp_target_auth = No" <"$(record)" &&
	has "node.session.auth.srp_groups = MODP-3072" <"$(record)"
result "but it keeps what was set"
update srp_target_auth Yes >/dev/null && update authmethod None >/dev/null &&
	update srp_groups SRP-1536,SRP-2048,MODP-3072,MODP-4096,MODP-6144,MODP-8192 >/dev/null
without_srp
result "and has none again"

update authmethod SRP >/dev/null && update srp_username "alice b" >/dev/null &&
	set_password "$password" >/dev/null &&
	update srp_groups SRP-2048,MODP-3072 >/dev/null &&
	update srp_target_auth No >/dev/null
out=$(node)
has "node.session.auth.authmethod = SRP" <<<"$out" &&
	has "node.session.auth.srp_username = alice b" <<<"$out" &&
	has "node.session.auth.srp_password = ********" <<<"$out" &&
	has "node.session.auth.srp_groups = SRP-2048,MODP-3072" <<<"$out" &&
	has "node.session.auth.srp_target_auth = No" <<<"$out" &&
	! grep -qF "$password" <<<"$out"
result "set and shown, password masked"

out=$(node -S)
has "node.session.auth.srp_password = $password" <<<"$out"
result "password shown with --show"

# What a login lacks is said before iscsid is asked
for key in srp_username srp_password; do
	update $key '' >/dev/null
	! out=$(node -l) && grep -qF "node.session.auth.$key is not set" <<<"$out" &&
		grep -qF "target: $target" <<<"$out" && ! grep -qF daemon <<<"$out"
	result "login without $key"
	update srp_username "alice b" >/dev/null
	set_password "$password" >/dev/null
done

# Now both copies of the database have read it. They must write it back unchanged.
out=$(update username x && node -S)
has "node.session.auth.srp_password = $password" <<<"$out" &&
	has "node.session.auth.srp_password = $password" <"$(record)"
result "password survives another update"

[ "$(stat -c %a "$(record)")" = 600 ]
result "record is for root only"

out=$(printf '%s' "no newline" | update srp_password - -d 8; node -S -d 8)
! grep "updated 'node.session.auth.srp_password'" <<<"$out" | grep -q "newline" &&
	has "node.session.auth.srp_password = no newline" <<<"$out"
result "password not in the debug log"

refuses "command line" update srp_password "$password" &&
	! grep -qF "$password" <<<"$out"
result "password on the command line is refused"
refuses "no password" update srp_password - </dev/null
result "password: nothing on standard input"
refuses "at most 255" set_password "$(printf '%0256d' 0)"
result "password of 256 octets"
out=$(set_password "$(printf '%0255d' 0)") && out=$(node -S) &&
	has "node.session.auth.srp_password = $(printf '%0255d' 0)" <<<"$out"
result "password of 255 octets"
refuses "blank" set_password " x"
result "password with a blank in front"
refuses "control characters" update srp_password - < <(printf 'a\0b\n')
result "password with a NUL"
refuses "at most 255" update srp_username "$(printf '%0256d' 0)"
result "user of 256 octets"
refuses "unknown group 'SRP-3072'" update srp_groups SRP-1536,SRP-3072
result "unknown group"
refuses "Yes or No" update srp_target_auth maybe
result "neither Yes nor No"
refuses "authmethod is 'SRP,CHAP', it must be None, CHAP or SRP" update authmethod SRP,CHAP
result "two methods"
refuses "it must be None, CHAP or SRP" update authmethod Invalid
result "unknown method"
update authmethod chap >/dev/null && update authmethod srp >/dev/null
has "node.session.auth.authmethod = SRP" <"$(record)"
result "method in lower case"
out=$(update srp_password '' && node) &&
	has "node.session.auth.srp_password = <empty>" <<<"$out"
result "password unset"
has "node.session.auth.srp_target_auth = No" <"$(record)" &&
	has "node.session.auth.srp_username = alice b" <"$(record)" &&
	update srp_target_auth Yes >/dev/null &&
	has "node.session.auth.srp_target_auth = Yes" <"$(record)"
result "a record with SRP has its keys"

# CHAP's passwords can be on standard input, one a line
out=$(printf 'chap out\nchap in\nsrp\n' |
	update password - -n node.session.auth.password_in -v - \
		-n node.session.auth.srp_password -v - && node -S)
has "node.session.auth.password = chap out" <<<"$out" &&
	has "node.session.auth.password_in = chap in" <<<"$out" &&
	has "node.session.auth.srp_password = srp" <<<"$out"
result "CHAP's passwords from standard input"
echo - >/run/password
out=$(update password - </run/password && node -S)
has "node.session.auth.password = -" <<<"$out"
result "CHAP's password from a file"
refuses "no password" update password - </dev/null
result "CHAP's password: nothing on standard input"
refuses "at most 255" update password_in - < <(printf '%0256d' 0)
result "CHAP's password of 256 octets"
out=$(update password "on the command line" && node -S)
has "node.session.auth.password = on the command line" <<<"$out"
result "CHAP's password on the command line, as ever"
out=$(update username - && update srp_username - && node)
has "node.session.auth.username = -" <<<"$out" &&
	has "node.session.auth.srp_username = -" <<<"$out"
result "a hyphen as another value"
update srp_password '' >/dev/null

# A record that an older iscsiadm wrote
update srp_username '' >/dev/null
sed -i '/srp_/d' "$(record)"
out=$(node)
has "node.session.auth.srp_groups = SRP-1536,SRP-2048,MODP-3072,MODP-4096,MODP-6144,MODP-8192" <<<"$out" &&
	has "node.session.auth.srp_target_auth = Yes" <<<"$out"
result "record without the keys"

# A method that somebody wrote into the record
sed -i 's/authmethod = .*/authmethod = sRp/' "$(record)"
out=$(node)
has "node.session.auth.authmethod = SRP" <<<"$out" && update username z >/dev/null &&
	has "node.session.auth.authmethod = SRP" <"$(record)"
result "method in any case in a record"
sed -i 's/authmethod = .*/authmethod = CHAP,SRP/' "$(record)"
out=$(update username z; node)
grep -qF "authmethod is 'CHAP,SRP', it must be None, CHAP or SRP" <<<"$out" &&
	has "node.session.auth.authmethod = Invalid" <<<"$out" &&
	has "node.session.auth.authmethod = Invalid" <"$(record)"
result "a bad method in a record does not become None"
update authmethod SRP >/dev/null

# Invalid values in a record are kept, not replaced by defaults
set_password x >/dev/null
sed -i 's/^node.session.auth.srp_groups = .*/node.session.auth.srp_groups = MODP-3072,BAD/' "$(record)"
out=$(update startup manual; update username y)
has "node.session.auth.srp_groups = MODP-3072,BAD" <"$(record)" &&
	grep -q "unknown group 'BAD'" <<<"$out"
result "bad group in a record is reported and kept"
sed -i "s/^node.session.auth.srp_password = .*/node.session.auth.srp_password = $(printf '%02000d' 0)/" "$(record)"
out=$(node)
has "node.session.auth.srp_password = <empty>" <<<"$out"
result "over-long value in a record does no harm"

# Any directory of the database can be a mount
dir=$(dirname "$(record)")
mkdir /run/kept && cp -p "$(record)" /run/kept/
mount -t tmpfs none "$dir" && cp -p /run/kept/* "$dir/"
out=$(update username mounted) && has "node.session.auth.username = mounted" <"$(record)" &&
	[ "$(ls -A "$dir")" = "$(basename "$(record)")" ]
result "records on a mount of their own"
# What is left if the computer stopped in the middle
cp -p "$(record)" "$dir/.new"
out=$(adm -m node)
[ "$(grep -c $target <<<"$out")" = 1 ]
result "an incomplete record is not read"
umount "$dir"
cp -p "$(record)" "$dir/.new"
[ "$(record | wc -l)" = 2 ] && out=$(node -o delete) && ! out=$(record | grep .)
result "and does not survive its record"

disc() { adm -m discoverydb -t sendtargets -p $portal "$@"; }
out=$(disc -o new)
file=$(find /var/lib/iscsi/send_targets -type f)
[ -n "$file" ] && ! out=$(grep -F srp_ "$file")
result "discovery without SRP has none of its keys"
out=$(disc -o update -n discovery.sendtargets.auth.authmethod -v SRP && disc)
has "discovery.sendtargets.auth.authmethod = SRP" <<<"$out" &&
	has "discovery.sendtargets.auth.srp_username = <empty>" <<<"$out" &&
	has "discovery.sendtargets.auth.srp_groups = SRP-1536,SRP-2048,MODP-3072,MODP-4096,MODP-6144,MODP-8192" <<<"$out" &&
	has "discovery.sendtargets.auth.srp_target_auth = Yes" <<<"$out"
result "discovery, defaults"
out=$(printf 'new one\n' | disc -o update -n discovery.sendtargets.auth.srp_password -v - &&
	disc -o update -n discovery.sendtargets.auth.srp_target_auth -v No && disc && disc -S)
has "discovery.sendtargets.auth.srp_password = ********" <<<"$out" &&
	has "discovery.sendtargets.auth.srp_password = new one" <<<"$out" &&
	has "discovery.sendtargets.auth.srp_target_auth = No" <<<"$out"
result "discovery record is updated"
out=$(echo 'of discovery' | disc -o update -n discovery.sendtargets.auth.password -v - && disc -S)
has "discovery.sendtargets.auth.password = of discovery" <<<"$out"
result "CHAP's password of discovery from standard input"
! out=$(disc -o update -n discovery.sendtargets.auth.srp_groups -v NONE) &&
	grep -q "unknown group 'NONE'" <<<"$out"
result "unknown group, discovery"

! out=$(disc -o update -n discovery.sendtargets.auth.authmethod -v x) &&
	grep -qF "discovery.sendtargets.auth.authmethod is 'x', it must be" <<<"$out"
result "unknown method, discovery"

# A downgrade and an upgrade of the package
saved=/etc/iscsi/srp-settings
settings() { sh "$build/../src/utils/srp-records.sh" "$1" /var/lib/iscsi $saved; }
all() { find /var/lib/iscsi -type f -exec sort {} +; }
node -o new >/dev/null && update authmethod SRP >/dev/null &&
	update srp_username 'al\nice' >/dev/null && set_password "$password" >/dev/null &&
	update username "of CHAP" >/dev/null
before=$(all)
out=$(settings save) && [ "$(stat -c %a $saved)" = 600 ] &&
	! grep -rE 'srp_|authmethod = SRP' /var/lib/iscsi &&
	has "node.session.auth.username = of CHAP" <"$(record)" &&
	! grep -qF "$password" <<<"$out"
result "downgrade: SRP's settings move to a file"
out=$(settings save && settings restore)
[ "$(all)" = "$before" ] && [ ! -e $saved ] && [ ! -e $saved.new ]
result "upgrade: and back"
out=$(settings save) && update authmethod CHAP >/dev/null &&
	out=$(settings restore) && grep -qF "stay in $saved" <<<"$out" &&
	has "node.session.auth.authmethod = CHAP" <"$(record)" &&
	grep -qF "$password" $saved && [ "$(stat -c %a $saved)" = 600 ]
result "upgrade: a record that has another method by now"
update authmethod None >/dev/null
out=$(settings restore) && [ ! -e $saved ] && out=$(node -S) &&
	has "node.session.auth.srp_password = $password" <<<"$out" &&
	has "node.session.auth.authmethod = SRP" <<<"$out"
result "upgrade: what stayed is moved later"

# TLS
key='node.conn[0]'
fingerprint=$(printf '%02x:' {0..30})1f
update authmethod SRP >/dev/null && update srp_username alice >/dev/null
without_tls() { ! out=$(grep -rF .tls /var/lib/iscsi); }
tls() { node -o update -n "$key.tls$1" -v "$2"; }
out=$(node)
has "$key.tls = No" <<<"$out" && has "$key.tls_verify = srp" <<<"$out" &&
	has "$key.tls_fingerprint = <empty>" <<<"$out" &&
	has "$key.tls_key_fingerprint = <empty>" <<<"$out" &&
	has "$key.tls_ca = <empty>" <<<"$out" && without_tls
result "TLS, defaults: a record has none of its keys"
out=$(tls '' yes && tls _verify PIN && tls _fingerprint "$fingerprint" &&
	tls _key_fingerprint "${fingerprint//0/A}" && tls _ca "/etc/my ca.pem" &&
	update username x && node)
for line in "tls = Yes" "tls_verify = pin" "tls_fingerprint = $fingerprint" \
	"tls_key_fingerprint = ${fingerprint//0/A}" "tls_ca = /etc/my ca.pem"; do
	has "$key.$line" <<<"$out" && has "$key.$line" <"$(record)"
	result "TLS: $line"
done
refuses "it must be Yes or No" tls '' maybe
result "TLS neither Yes nor No"
refuses "it must be srp, pin or ca" tls _verify none
result "TLS, unknown way of verification"
refuses "64 hexadecimal digits" tls _fingerprint "${fingerprint:1}"
result "TLS, bad fingerprint"
refuses "SHA-256 of the certificate's key, 64" tls _key_fingerprint "${fingerprint:1}"
result "TLS, bad fingerprint of the key"
out=$(tls _ca /x && node) && has "$key.tls_key_fingerprint = ${fingerprint//0/A}" <<<"$out"
result "TLS, another setting leaves the key"
for value in '' "${fingerprint//1/2}" "$fingerprint"; do
	out=$(tls _key_fingerprint "$fingerprint" && tls _fingerprint "$value" && node)
	has "$key.tls_fingerprint = ${value:-<empty>}" <<<"$out" &&
		has "$key.tls_key_fingerprint = <empty>" <<<"$out" &&
		! grep -qF tls_key "$(record)"
	result "TLS, the key goes with the certificate that is set: ${value:0:9}"
done
refuses "path of a file" tls _ca ca.pem
result "TLS, CA without a path"
out=$(tls _fingerprint '' && tls _ca '')
! out=$(node -l) && grep -qF "$key.tls_fingerprint is not set" <<<"$out" &&
	grep -qF "target: $target" <<<"$out"
result "TLS, login with pin, without fingerprint"
tls _verify srp >/dev/null
update authmethod CHAP >/dev/null
! out=$(node -l) && grep -qF "authmethod is not SRP" <<<"$out"
result "TLS, login with CHAP, and nobody to say whose the certificate is"
for line in 'tls = Ja' 'tls_verify = no'; do
	sed -i "/\.tls/d; s/^# END/$key.$line\n&/" "$(record)"
	out=$(update username z; node)
	has "$key.${line%% *} = Invalid" <<<"$out" &&
		has "$key.${line%% *} = Invalid" <"$(record)"
	result "TLS, a bad value in a record does not become the default: $line"
done
sed -i '/\.tls/d' "$(record)"

tls '' Yes >/dev/null && tls _ca /ca.pem >/dev/null
disc -o update -n discovery.sendtargets.tls -v YES >/dev/null
out=$(disc)
has "discovery.sendtargets.tls = Yes" <<<"$out" &&
	has "discovery.sendtargets.tls_verify = srp" <<<"$out"
result "TLS, discovery"
disc_tls() { disc -o update -n "discovery.sendtargets.tls$1" -v "$2"; }
out=$(disc_tls _fingerprint "$fingerprint" && disc_tls _key_fingerprint "$fingerprint" && disc)
has "discovery.sendtargets.tls_key_fingerprint = $fingerprint" <<<"$out"
result "TLS, discovery: the key"
out=$(disc_tls _fingerprint '' && disc) &&
	has "discovery.sendtargets.tls_key_fingerprint = <empty>" <<<"$out"
result "TLS, discovery: the key goes with the certificate"
tls _fingerprint "$fingerprint" >/dev/null && tls _key_fingerprint "$fingerprint" >/dev/null
before=$(all)
out=$(settings save) && without_tls && ! grep -rE 'authmethod = (CHAP|SRP)' /var/lib/iscsi
result "downgrade: TLS's settings move to a file, with the method"
out=$(settings restore)
[ "$(all)" = "$before" ]
result "upgrade: and back, with the method"

# iscsistart refuses before it connects
! out=$("$build/iscsistart" -i iqn.2026-01.org.example:client -t $target -g 1 \
	-a 127.0.0.1 -P node.session.auth.authmethod=SRP 2>&1) &&
	grep -q "does not support SRP" <<<"$out"
result "iscsistart refuses SRP"
! out=$("$build/iscsistart" -i iqn.2026-01.org.example:client -t $target -g 1 \
	-a 127.0.0.1 -P "$key.tls=Yes" 2>&1) && grep -q "does not support TLS" <<<"$out"
result "iscsistart refuses TLS"

echo "1..$count"
