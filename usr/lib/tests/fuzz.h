/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What the libFuzzer programs share */
#ifndef FUZZ_H
#define FUZZ_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static inline void demand(bool true_or_abort)
{
	if (!true_or_abort)
		abort();
}

/* Say whether the input was accepted: fuzz.sh demands that good seeds are */
static inline void accepted(bool yes)
{
	if (getenv("FUZZ_GOOD"))
		demand(yes);
}

/* The input as text, in memory that ends with its NUL */
static inline char *fuzz_text(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);

	demand(text);
	if (size)
		memcpy(text, data, size);
	text[size] = '\0';
	return text;
}

#endif /* FUZZ_H */
