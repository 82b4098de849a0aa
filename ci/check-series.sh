#!/bin/bash
# SPDX-License-Identifier: GPL-2.0-or-later
#
# check-series.sh [-w] [PATCH...]: check that each patch of series/, or these, such as
# 2-srp/0004-key-channel, leaves a mainline tree that builds and passes its tests:
# - in User-mode Linux without SRP, without keys, and with the target as a module
# - for other machines, and by clang; for x86_64, sparse looks at it
# - in User-mode Linux with all of it built in, where the KUnit suites that are there by
#   then run
# and that its comments are good kernel-doc.  A warning in our files is an error.  After
# the last patch, coccicheck and Sphinx must say nothing of our files, either.
# -w: write the results into the table of Documentation/series.md, at the end or if it
# is interrupted.  Results of other patches stay there as long as the tree is the same.
# Without PATCH, check those that have not passed yet, and the last one.
set -euo pipefail
. "$(dirname "$0")/../scripts/common.sh"
. "$top/scripts/kernel/series.sh"

write=
if [ "${1:-}" = -w ]; then
	write=yes
	shift
fi
page=$top/Documentation/series.md
work=$(mktemp -d /tmp/lio-srp.XXXXXX)
trap 'rm -rf "$work"' EXIT

export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$cache
iscsi=drivers/target/iscsi
# Files that the series adds
ours='iscsi/(srp|tests|tls)/|iscsi_target_(srp|tls|guess|peer|pending)|iscsi_srp\.h'

# Arguments of make
declare -A machines=(
	[um]="ARCH=um"
	[x86_64]="ARCH=x86_64"
	[arm64]="ARCH=arm64 CROSS_COMPILE=aarch64-linux-gnu-"
	# 32 bits, big-endian
	[powerpc]="ARCH=powerpc CROSS_COMPILE=powerpc-linux-gnu-"
	[clang]="ARCH=x86_64"
)
checks="without-SRP without-KEYS module x86_64 arm64 powerpc clang kernel-doc kunit"

# compile MACHINE SRC OPTION=VALUE...: the objects that the series is about, with these
# options
compile() {
	local machine=$1 src=$2 build=$cache/mainline/series/build-$1 args cc option
	local config=$build/.config-series log=$cache/mainline/log/series-$1.log
	shift 2
	read -ra args <<<"${machines[$machine]}"
	cc="ccache $(sed -n 's/.*CROSS_COMPILE=//p' <<<"${args[*]}")gcc"
	[ "$machine" != clang ] || cc="ccache clang-19"
	[ "$machine" != x86_64 ] || args+=(C=2 CHECK="$sparse")
	build_dir "$build" "$src"
	cp "$top/qemu/config/base.config" "$config"
	for option; do
		sed -i "/^${option%%=*}=/d" "$config"
		echo "$option" >>"$config"
	done
	make_it() {
		run_logged "$log" make -C "$src" O="$build" "${args[@]}" CC="$cc" \
			HOSTCC="ccache gcc" -j"$(nproc)" "$@"
	}
	# As a condition, set -e has no effect here
	make_it allnoconfig KCONFIG_ALLCONFIG="$config" && make_it prepare &&
		make_it W=1 $iscsi/ drivers/scsi/iscsi_tcp.o &&
		! grep -A3 -E "^[^ ]*($ours)[^ ]*: warning:" "$log" &&
		{ [ "$machine" != x86_64 ] || grep -q "CHECK .*$iscsi/" "$log"; } &&
		{ [ "$machine" != powerpc ] || grep -qx CONFIG_CPU_BIG_ENDIAN=y "$build/.config"; }
}

# comments SRC: what kernel-doc says of our files
comments() {
	local files
	mapfile -t files < <(cd "$1" && find $iscsi include/uapi/linux include/trace/events \
		-name '*.[ch]' | grep -E "($ours)[^/]*\.[ch]$" | grep -v /vectors.h)
	[ ${#files[@]} -eq 0 ] || ! (cd "$1" && scripts/kernel-doc -none -Wall "${files[@]}" 2>&1) |
		grep .
}

# check NAME COMMAND...: passes if the command succeeds
check() {
	local name=$1 output
	shift
	if output=$("$@" 2>&1 </dev/null); then
		echo "ok series/$name"
	else
		printf 'not ok series/%s\n%s\n' "$name" "$output"
	fi
}

# cocci SRC: what coccicheck says of our files, but for its scripts that need OCaml's
# compiler
cocci() (
	cd "$1"
	! grep -rl 'virtual report' scripts/coccinelle | sort | xargs grep -L ocaml |
		while read -r script; do
			# shellcheck disable=SC2046
			spatch --very-quiet -D report --no-show-diff --cocci-file "$script" \
				$(sed -n 's|^// Options: *||p' "$script") --include-headers \
				-I include -I include/uapi --dir $iscsi 2>/dev/null
		done | grep -E "($ours)"
)

# sphinx SRC: what it says of our documents
sphinx() {
	local build=$cache/mainline/series/build-docs log=$cache/mainline/log/series-docs.log
	mkdir -p "$build"
	rm -rf "$build/Documentation/output"
	run_logged "$log" make -C "$1" O="$build" htmldocs SPHINXDIRS=target &&
		! grep -E 'iscsi-(srp|tls)\.rst' "$log" &&
		find "$build/Documentation/output" -name iscsi-srp.html | grep -q .
}

# suites PATCH: build it in and run the KUnit suites, if there are any
suites() {
	if grep -q 'config ISCSI_TARGET.*KUNIT' "$src/$iscsi/Kconfig"; then
		"$top/kunit/run.sh" -t "$1" mainline | tee "$work/kunit"
	else
		"$top/scripts/kernel/build-kernel.sh" -t "$1" mainline
	fi
}

# check_patch PATCH: all checks of a patch
check_patch() {
	local src machine
	src=$("$top/scripts/kernel/lay-tree.sh" -t "$1" mainline)
	check "$1/kunit" suites "$1" >"$work/suites" &
	check "$1/without-SRP" compile um "$src" CONFIG_ISCSI_TARGET_SRP=n
	check "$1/without-KEYS" compile um "$src" CONFIG_KEYS=n
	check "$1/module" compile um "$src" CONFIG_ISCSI_TARGET=m
	for machine in x86_64 arm64 powerpc clang; do
		check "$1/$machine" compile $machine "$src"
	done
	check "$1/kernel-doc" comments "$src"
	wait
	cat "$work/suites"
	[ "$1" != "$last" ] || {
		check coccicheck cocci "$src"
		check sphinx sphinx "$src"
	}
}

# cells PATCH: what the table says of the results that check_patch has printed
cells() {
	local name
	for name in $checks; do
		grep -qxF "ok series/$1/$name" "$work/results" &&
			printf ' ok |' || printf ' fails |'
	done
	sed -n 's/^ok mainline\/\([^.]*\)\..*/\1/p' "$work/kunit" | sort | uniq -c | awk '
		{ n += $1 }
		END {
			if (NR)
				printf " %d suite%s, %d cases |\n", NR, (NR > 1 ? "s" : ""), n
			else
				print " none yet |"
		}'
}

# each TEXT: print it for each check
each() {
	local name
	for name in $checks; do
		printf %s "$1"
	done
}

# trees: for each patch, its name and a hash of the kernel's version and the code that
# the patches up to it leave
trees() {
	local patch version dir=$work/tree
	version=$(make -s -C "$pristine" kernelversion)
	mkdir "$dir"
	begin_repository "$pristine" "$dir"
	for patch in $(series_patches); do
		patch_diff "$(series_mail "$patch")" | apply_diff "$dir" --index
		echo "$patch $({
			echo "$version"
			git -C "$dir" diff --cached --raw --no-renames --no-abbrev base -- \
				':!Documentation' ':!tools' ':!MAINTAINERS'
		} | sha256sum | cut -c1-12)"
	done
}

# result TREE: what the page says of it
result() {
	sed -n "/not run/d; /| $1 |/{s/^.*| $1 |//p; q}" "$page"
}

# left: the patches that have not passed yet as the page says, and the last one, with
# which coccicheck and Sphinx run
left() {
	local patch tree
	while read -r patch tree; do
		if [ "$patch" = "$series_dir/$last.patch" ] ||
			[[ "$(result "$tree")" =~ ^$|fails ]]; then
			echo "$patch"
		fi
	done <"$work/trees"
}

# table: a row for each patch
table() {
	local patch name stack lines tree row
	local -A sum=()
	echo "| patch | lines | tree | ${checks// / | } | suites |"
	echo "| --- | ---: | --- |$(each ' --- |') --- |"
	while read -r patch tree; do
		name=${patch#"$series_dir"/} name=${name%.patch} stack=${name%%/*}
		lines=$(added_lines "$(series_mail "$patch")")
		sum[$stack]=$((${sum[$stack]:-0} + lines))
		row=$(sed -n "s|^$name:||p" "$work/rows")
		[ -n "$row" ] || row=$(result "$tree")
		echo "| $name | $lines | $tree |${row:-$(each ' not run |') not run |}"
	done <"$work/trees"
	for stack in "${!sum[@]}"; do
		echo "| all of $stack | ${sum[$stack]} | |$(each ' |') |"
	done | sort
}

# write_page: put the table where the old one is
write_page() {
	{
		sed '/^<!-- ci\/check-series.sh -w -->$/q' "$page"
		echo "Linux $(make -s -C "$pristine" kernelversion), User-mode Linux:"
		echo
		table
		echo
		sed -n '/^<!-- end of ci\/check-series.sh -w -->$/,$p' "$page"
	} >"$work/page"
	cp "$work/page" "$page"
}

"$top/scripts/fetch/deps.sh" series
sparse=$("$top/scripts/fetch/sparse.sh")
mapfile -t patches < <(series_patches)
last=${patches[-1]#"$series_dir"/} last=${last%.patch}
if [ -n "$write" ]; then
	pristine=$("$top/scripts/fetch/pristine.sh" mainline)
	"$top/scripts/kernel/make-series.sh" -c
	: >"$work/rows"
	trees >"$work/trees"
	trap 'write_page; rm -rf "$work"' EXIT
	[ $# -gt 0 ] || mapfile -t patches < <(left)
fi
if [ $# -eq 0 ]; then
	set -- "${patches[@]#"$series_dir"/}"
fi
for patch; do
	patch=${patch%.patch}
	: >"$work/kunit"
	check_patch "$patch" | tee "$work/results"
	[ -z "$write" ] || echo "$patch:$(cells "$patch")" >>"$work/rows"
done | "$top/ci/summary.sh"
