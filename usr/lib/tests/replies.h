/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The input of the programs that fuzz a login: a byte that says how to log in, then
 * what the target sends.  login/tests/corpus/login.py writes some.
 *
 *	how | flags class detail text NUL | flags class detail text NUL | ...
 *
 * In text, a line feed stands for the NUL at the end of a pair.
 */
#ifndef REPLIES_H
#define REPLIES_H

#include "lib/tests/fuzz.h"

#include <stdio.h>

#define HOW_METHOD	0x03
#define HOW_SRP		0x00
#define HOW_SRP_ONE_WAY	0x01
#define HOW_CHAP	0x02
#define HOW_NONE	0x03
#define HOW_TLS		0x04
#define HOW_DISCOVERY	0x08
#define HOW_RAW		0x10	/* what follows are PDUs as they are */

#define REPLIES_MAX	40

struct reply {
	uint8_t flags, class, detail;
	const char *text;
};

struct replies {
	uint8_t how;
	size_t count;
	struct reply reply[REPLIES_MAX + 1];	/* the last one has no text */
	char *input;
	size_t size;
};

static inline void replies_read(struct replies *replies, const uint8_t *data,
				size_t size)
{
	char *at, *end;

	memset(replies, 0, sizeof(*replies));
	replies->input = at = fuzz_text(data, size);
	replies->size = size;
	end = at + size;
	if (at < end)
		replies->how = *at++;
	while (end - at > 3 && replies->count < REPLIES_MAX) {
		struct reply *reply = &replies->reply[replies->count++];

		reply->flags = at[0];
		reply->class = at[1];
		reply->detail = at[2];
		reply->text = at + 3;
		at = strchr(at + 3, '\0') + 1;
	}
}

static inline void replies_free(struct replies *replies)
{
	free(replies->input);
}

/* Whether the target has sent this, in one response or in parts */
static inline bool replies_say(const struct replies *replies, const char *text)
{
	char *all = calloc(1, replies->size + 1);
	bool found;

	demand(all);
	for (size_t i = 0; i < replies->count; i++)
		strcat(all, replies->reply[i].text);
	found = strcasestr(all, text);
	free(all);
	return found;
}

/*
 * Whether the target has sent these bytes in hexadecimal.  Only who has a secret can
 * do so, or who has read the corpus.
 */
static inline bool replies_have(const struct replies *replies,
				const uint8_t *bytes, size_t len)
{
	char *text = calloc(2, len + 1);
	bool found;

	demand(text);
	for (size_t i = 0; i < len; i++)
		sprintf(text + 2 * i, "%02x", bytes[i]);
	found = replies_say(replies, text);
	free(text);
	return found;
}

#endif /* REPLIES_H */
