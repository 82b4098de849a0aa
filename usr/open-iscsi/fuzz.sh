#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# fuzz.sh [VERSION]: fuzz the patched initiator, by default the newest version, with
# each program tests/fuzz_*.c for FUZZ_SECONDS or FUZZ_RUNS inputs: see
# usr/lib/tests/fuzz.sh. Prints a line "ok" or "not ok" for each.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd -P)
top=$(cd "$here/../.." && pwd -P)
version=${1:-$(basename "$(dirname "$(printf '%s\n' "$here"/*/pin | sort -V | tail -n 1)")")}
work=$("$here/build.sh" --cache "$version") || {
	status=$?
	# The archive has a newer one, as long as nothing was fetched
	[ $status -eq 66 ] || exit $status
	echo "ok open-iscsi/fuzz # SKIP $version cannot be fetched"
	exit
}
src=$work/src
export COMPONENT=open-iscsi

# The programs are built once for each version of the files that they are made from
hash=$(cat "$here"/{compile,fuzz}.sh "$here"/tests/{fuzz_*.c,getaddrinfo.c,peer.[ch]} "$top"/usr/lib/tests/*.h \
	"$top"/usr/lib/hex.[ch] "$top"/usr/login/text.[ch] "$top"/include/uapi/linux/iscsi_srp.h \
	"$top"/kunit/vectors/{gen.py,vectors.json} | sha256sum | cut -c1-16)
bin=$work/fuzz-$hash
cc=clang
. "$here/compile.sh"

if [ ! -e "$bin/built" ]; then
	mkdir -p "$bin"
	python3 "$top/kunit/vectors/gen.py" --user -o "$bin/srp_vectors.h"
	srp=(usr/srp.c usr/srp_text.c usr/srp_group.c)
	program fuzz_library "$src" fuzz tests/fuzz_library.c \
		libopeniscsiusr/{context,default,iface,misc,node,session,sysfs}.c
	program fuzz_login "$src" fuzz tests/fuzz_login.c tests/getaddrinfo.c tests/peer.c usr/login.c usr/auth.c usr/auth_srp.c \
		usr/iscsi_timer.c sysdeps/sysdeps.c "${srp[@]}"
	program fuzz_record "$src" fuzz tests/fuzz_record.c tests/peer.c usr/idbm.c usr/iface.c \
		usr/iscsi_util.c usr/srp_config.c usr/tls_config.c sysdeps/sysdeps.c "${srp[@]}"
	program fuzz_targets "$src" fuzz tests/fuzz_targets.c tests/getaddrinfo.c tests/peer.c \
		usr/login.c usr/local_strings.c usr/initiator_common.c sysdeps/sysdeps.c
	program fuzz_text "$src" fuzz tests/fuzz_text.c tests/peer.c "${srp[@]}" \
		"$top/usr/login/text.c" "$top/usr/lib/hex.c"
	touch "$bin/built"
fi

status=0
for name in library login record targets text; do
	corpus=$here/tests/corpus/$name
	case $name in
	# The same records as for iscsid
	library) corpus=$here/tests/corpus/record ;;
	# The same hostile targets as for iscsi-login
	login) corpus=$top/usr/login/tests/corpus/login ;;
	esac
	"$top/usr/lib/tests/fuzz.sh" "$bin/fuzz_$name" "$corpus" || status=1
done
exit $status
