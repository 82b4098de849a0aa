# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash disable=SC2154
#
# The patch series and the overlay.  Sourced after common.sh.
#
# Each directory in series/ is a stack, a series that is sent by itself and applies after
# the ones before it, with the text of its cover letter.  Each patch is a commit: its
# message, "Overlay: PATH" lines that name the files of this repository that the commit
# adds, a line "---", and a diff (-p1) of files that are there already.  The paths are
# those of the kernel, except for a fragment and a generated file:
#   MAINTAINERS   inserted into the kernel's MAINTAINERS in alphabetical order
#   drivers/target/iscsi/srp/tests/vectors.h   from kunit/vectors/gen.py
#
# The files of the overlay are as the last patch leaves them.  Where one is added, the
# diffs of later patches are taken back.  Kconfig is what all patches append to that of
# drivers/target/iscsi.
#
# LIO_SRP_DRAFT=1: skip what is incomplete, with a warning.

series_dir=$top/series
options=drivers/target/iscsi/Kconfig
vectors_h=drivers/target/iscsi/srp/tests/vectors.h
# options of gen.py that select vectors
vectors_only=()

# series_patches: list the patches of all stacks in order
series_patches() {
	find "$series_dir" -mindepth 2 -name '*.patch' | sort
}

patch_message() {
	sed -n '/^---$/q; /^diff --git /q; /^Overlay: /!p' "$1"
}

patch_overlay() {
	sed -n '/^---$/q; /^diff --git /q; s/^Overlay: *//p' "$1"
}

patch_diff() {
	sed -n '/^diff --git /,$p' "$1"
}

# is_ours FILE: is it in the overlay, and not in the kernel?
is_ours() {
	[ -e "$top/$1" ] && [ "$1" != MAINTAINERS ]
}

# patch_changes PATCH: list the kernel files that it changes
patch_changes() {
	local file
	{
		patch_diff "$1" | sed -n 's/^--- a\///p'
		patch_overlay "$1" | sed -n '/^MAINTAINERS$/p'
	} | while read -r file; do
		is_ours "$file" || echo "$file"
	done
}

# series_mail PATCH: the mail that make-series.sh has made of it
series_mail() {
	local stack=${1%/*} number=${1##*/}
	echo "$top/out/series/${stack##*/}/${number%%-*}"-*.patch
}

# added_lines MAIL...: count the lines that patches add, but for tests and vectors
added_lines() {
	cat "$@" | awk '
	/^diff --git / { skip = / b\/(.*\/tests|tools\/testing)\// }
	!skip && /^\+/ && !/^\+\+\+ / { n++ }
	END { print n + 0 }'
}

# The overlay: files with the same paths as in the kernel, and the fragment.
# Other files in Documentation/ belong to this project only.
overlay_files() (
	cd "$top" || exit
	find drivers include tools Documentation -type f \
		\( ! -path "Documentation/*" -o -path "Documentation/target/*" \
		-o -path "Documentation/ABI/*" \) \
		\( ! -name '.*' -o -name .gitignore \) \
		! -name '*~' ! -name '*.orig' ! -name '*.rej'
	[ ! -e kunit/vectors/gen.py ] || echo "$vectors_h"
	[ ! -e MAINTAINERS ] || echo MAINTAINERS
)

# check_overlay_named: check that each overlay file belongs to exactly one commit
check_overlay_named() {
	local named twice missing
	named=$(for patch in $(series_patches); do
		patch_overlay "$patch"
	done | sort)
	twice=$(uniq -d <<<"$named")
	[ -z "$twice" ] || die "named by more than one Overlay: line: ${twice//$'\n'/ }"
	missing=$(comm -23 <(overlay_files | sort) - <<<"$named")
	[ -z "$missing" ] || wrong "no patch of series/ has an Overlay: line for: ${missing//$'\n'/ }"
}

# wrong MESSAGE: an error, but only a warning in draft mode
wrong() {
	[ -n "${LIO_SRP_DRAFT:-}" ] || die "$* (LIO_SRP_DRAFT=1 continues without it)"
	say "draft: $*"
}

# from_pristine FILE PRISTINE STAGE: copy the file to the stage
from_pristine() {
	[ -e "$3/$1" ] && return
	[ -e "$2/$1" ] || die "the kernel has no $1"
	mkdir -p "$(dirname "$3/$1")"
	cp "$2/$1" "$3/$1"
}

# begin_repository PRISTINE DIR: create a repository in DIR with a commit, tagged "base",
# of the pristine files that the patches change
begin_repository() {
	local file patch
	git -C "$2" init -q
	for patch in $(series_patches); do
		for file in $(patch_changes "$patch"); do
			from_pristine "$file" "$1" "$2"
			git -C "$2" add -f "$file"
		done
	done
	GIT_AUTHOR_DATE='@0 +0000' GIT_COMMITTER_DATE='@0 +0000' \
		git -C "$2" commit -q -m "Linux $(make -s -C "$1" kernelversion)"
	git -C "$2" tag base
}

# apply_diff STAGE OPTION...: apply the diff on standard input to the stage.  git apply
# uses no fuzz and applies all hunks or none.
apply_diff() (
	cd "$1" && GIT_CEILING_DIRECTORIES=$(dirname "$1") \
		git apply --whitespace=nowarn "${@:2}" -
)

# add_options PRISTINE STAGE: append the options of all patches
add_options() {
	from_pristine $options "$1" "$2"
	{
		echo
		cat "$top/Kconfig"
	} >>"$2/$options"
}

# add_maintainers ENTRY FILE: insert in alphabetical order, after the preamble
add_maintainers() {
	awk -v entry="$1" '
	BEGIN {
		while ((getline line < entry) > 0)
			if (line !~ /^#/)
				text = text line "\n"
		sub(/^\n+/, "", text)
		sub(/\n+$/, "\n", text)
		title = substr(text, 1, index(text, "\n") - 1)
	}
	/^3C59X / { entries = 1 }
	entries && !done && /^[^ \t]/ && !/^[A-Z]:\t/ && $0 > title {
		print text
		done = 1
	}
	{ print }
	END { exit !done }' "$2" >"$2.new" ||
		die "MAINTAINERS: found no place for the entry"
	mv "$2.new" "$2"
}

# undo_later FILE STAGE: take back what patches change in a file of the overlay
undo_later() {
	local patch
	while read -r patch; do
		patch_diff "$patch" | apply_diff "$2" -R --include="$1" ||
			die "$1 was changed where ${patch##*/} changes it, too: restore it, and change it in out/trees/linux (CONTRIBUTING.md)"
	done < <(grep -lFx -- "--- a/$1" "$series_dir"/*/*.patch | sort -r)
}

# apply_patch PATCH PRISTINE STAGE [final]: apply PATCH to the stage
# final: with the files of the overlay as they are, that is, with all patches
apply_patch() {
	local patch=$1 pristine=$2 stage=$3 final=${4:-} file exclude=()
	for file in $(patch_overlay "$patch"); do
		[ -f "$top/$file" ] || [ "$file" = "$vectors_h" ] || {
			wrong "${patch##*/}: Overlay: no file $file"
			return 0
		}
	done
	for file in $(patch_overlay "$patch"); do
		if [ "$file" = MAINTAINERS ]; then
			from_pristine MAINTAINERS "$pristine" "$stage"
			add_maintainers "$top/MAINTAINERS" "$stage/MAINTAINERS"
			continue
		fi
		[ ! -e "$pristine/$file" ] ||
			die "${patch##*/}: Overlay: $file is in the kernel already"
		mkdir -p "$(dirname "$stage/$file")"
		if [ "$file" = "$vectors_h" ]; then
			python3 "$top/kunit/vectors/gen.py" --kernel \
				"${vectors_only[@]}" >"$stage/$file" ||
				die "kunit/vectors/gen.py --kernel failed"
			continue
		fi
		cp "$top/$file" "$stage/$file"
		[ -n "$final" ] || undo_later "$file" "$stage"
	done
	[ -n "$(patch_diff "$patch")" ] || return 0
	for file in $(patch_changes "$patch"); do
		from_pristine "$file" "$pristine" "$stage"
	done
	[ -z "$final" ] || for file in $(patch_diff "$patch" | sed -n 's/^--- a\///p'); do
		! is_ours "$file" && [ "$file" != $options ] || exclude+=(--exclude="$file")
	done
	patch_diff "$patch" | apply_diff "$stage" "${exclude[@]}" ||
		die "${patch##*/} does not apply to $pristine"
}

# compat_patch before|after KERNEL PRISTINE STAGE: apply the changes that an older
# kernel needs before or after the patches, which are made for newer kernels
compat_patch() {
	local patch=$top/compat/linux-$2/$1.patch
	[ ! -e "$patch" ] || apply_patch "$patch" "$3" "$4"
}

# lay_series KERNEL PRISTINE STAGE [LAST]: apply all patches, or those up to LAST
lay_series() {
	local patch last=${4:-} final=final
	[ -z "$last" ] || final=
	check_overlay_named
	compat_patch before "$@"
	for patch in $(series_patches); do
		apply_patch "$patch" "$2" "$3" $final
		[ "$patch" != "$last" ] || return 0
	done
	add_options "$2" "$3"
	compat_patch after "$@"
}

# guest_patches KERNEL PRISTINE STAGE: apply what its guests need
guest_patches() {
	local patch
	for patch in "$top/qemu/patches/$1"/*.patch; do
		[ ! -e "$patch" ] || apply_patch "$patch" "$2" "$3"
	done
}

# add_compat PRISTINE STAGE: add code for kernels older than mainline and for use with
# a stock kernel, whose target core is not changed.  Structures visible to other modules
# must not change, so SRP's members of them are in a side table.
add_compat() {
	local dir=drivers/target/iscsi file
	from_pristine $dir/Makefile "$1" "$2"
	mkdir -p "$2/$dir/compat"
	cp "$top"/compat/*.[ch] "$2/$dir/compat/"
	mv "$2/$dir/compat/slots.h" "$2/$dir/srp/slots.h"
	rm -r "$2/include/target" "$2"/drivers/target/*.c
	apply_patch "$top/compat/cleanup-nodeacl.patch" "$1" "$2"
	# shellcheck disable=SC2016
	{
		echo 'subdir-ccflags-y += -include $(srctree)/'$dir/compat/compat.h
		echo 'iscsi_target_mod-$(CONFIG_ISCSI_TARGET_SRP) += compat/side_table.o'
	} >>"$2/$dir/Makefile"
}
