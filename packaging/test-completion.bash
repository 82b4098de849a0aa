# SPDX-License-Identifier: GPL-2.0-or-later
# shellcheck shell=bash
#
# test-completion.bash: check bash's completions of some command lines on a system
# with the packages installed. Print errors; exit with status 1 if there are any.
# shellcheck source=/dev/null
. /usr/share/bash-completion/bash_completion

wrong=0

# offers 'WORD ...' COMMAND ARGUMENT...: the last argument completes to these words
offers() {
	local expected=$1 function offered
	shift
	COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)) COMP_LINE="$*" COMP_POINT=0
	COMP_POINT=${#COMP_LINE} COMPREPLY=()
	_completion_loader "$1"
	function=$(complete -p "$1" | sed 's/.* -F \([^ ]*\) .*/\1/')
	# compopt fails outside a real completion
	"$function" "$1" "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}" 2>/dev/null
	offered=$(printf '%s\n' "${COMPREPLY[@]}" | sort | xargs)
	# shellcheck disable=SC2086
	expected=$(printf '%s\n' $expected | sort | xargs)
	if [ "$offered" != "$expected" ]; then
		echo "$*: offers '$offered', expected '$expected'"
		wrong=1
	fi
}

cd "$(mktemp -d)" || exit 1
mkdir -p directory
: >file

offers '--check' iscsi-srpd --c
offers '--idle --check --stdin --version --help' iscsi-srpd ''
offers '' iscsi-srpd --idle ''
offers '' iscsi-srpd --check ''

offers '-g --json --salt --configfs -f --version --help' iscsi-srp-passwd -
offers 'SRP-2048' iscsi-srp-passwd -g SRP-2
offers 'SRP-2048,MODP-3072 SRP-2048,MODP-4096 SRP-2048,MODP-6144 SRP-2048,MODP-8192' \
	iscsi-srp-passwd -g SRP-2048,M
offers 'MODP-3072,MODP-4096 MODP-3072,MODP-6144 MODP-3072,MODP-8192' \
	iscsi-srp-passwd -g MODP-3072,M
offers 'file directory' iscsi-srp-passwd -f ''
offers 'directory' iscsi-srp-passwd --configfs ''
offers '-g --batch --check --apply --export' iscsi-srp-passwd -f file -
offers '--dry-run' iscsi-srp-passwd -f file --apply directory -

offers 'srp chap none' iscsi-login --method ''
offers 'SRP-1536' iscsi-login --group SRP-15
offers 'SRP-1536,SRP-1280' iscsi-login --group SRP-1536,SRP-12
offers '--method' iscsi-login --m
offers '' iscsi-login --repeat ''
exit $wrong
