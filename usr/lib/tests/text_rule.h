/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Which user names and passwords are valid: the same ones on the target
 * (usr/lib) and on the initiator (usr/open-iscsi), whose tests both use this.
 */
#ifndef TEXT_RULE_H
#define TEXT_RULE_H

#include <stdbool.h>

#define TEXT_5(a) a a a a a
#define TEXT_51(a) TEXT_5(TEXT_5(a a)) a
#define TEXT_255(a) TEXT_5(TEXT_51(a))

static const struct text_rule {
	const char *text;
	bool valid;
} text_rule[] = {
	{ "a", true },
	{ "in side", true },
	{ "0x61,;=#\\\"'%s$", true },
	{ "null", true },
	{ TEXT_255("x"), true },
	{ TEXT_255("x") "x", false },
	{ " a", false },
	{ "a ", false },
	{ " ", false },
	{ "\ta", false },
	{ "a\tb", false },
	{ "a\nb", false },
	{ "dos\r", false },
	{ "\x01", false },
	{ "a\x1f", false },
	{ "a\x7f", false },
	/* UTF-8, in its shortest form */
	{ "\xc2\x80", true },
	{ "\xc2\xa0\xe2\x80\xa8", true },	/* blanks of other scripts */
	{ "\xdf\xbf\xe0\xa0\x80", true },
	{ "\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf", true },
	{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", true },
	{ "\xe9", false },
	{ "\x80", false },
	{ "a\xc3", false },
	{ "\xc3" "a", false },
	{ "\xe2\x82", false },
	{ "\xf0\x90\x80", false },
	{ "\xc0\x80", false },
	{ "\xc1\xbf", false },
	{ "\xe0\x9f\xbf", false },
	{ "\xf0\x8f\xbf\xbf", false },
	{ "\xed\xa0\x80", false },
	{ "\xed\xbf\xbf", false },
	{ "\xf4\x90\x80\x80", false },
	{ "\xf8\x88\x80\x80\x80", false },
	{ "\xff", false },
};

#endif
