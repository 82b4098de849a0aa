// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * Memory for a list of users: locked blocks, all wiped when the list is freed.
 */
#include "entries.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/secret.h"

#include <errno.h>
#include <search.h>
#include <stdint.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#define BLOCK_SIZE	(64 * 1024UL)
/* Ten thousand users with verifiers for all groups have 70 MB */
#define TEXT_LIMIT	(128UL * 1024 * 1024)
#define ALIGNMENT	_Alignof(max_align_t)

/**
 * struct block - A piece of memory
 * @next: the previous block
 * @size: bytes mapped, including this header
 * @used: bytes in use
 */
struct block {
	_Alignas(max_align_t) struct block *next;
	size_t size;
	size_t used;
};

/**
 * entries_alloc() - Allocate memory that lives as long as a list
 * @list: the list
 * @len: size in bytes
 *
 * Return: the memory, zeroed; or NULL, and @list->full is set
 */
void *entries_alloc(struct entries *list, size_t len)
{
	struct block *block = list->blocks;
	void *memory;

	len = (len + ALIGNMENT - 1) & ~(ALIGNMENT - 1);
	if (!block || block->size - block->used < len) {
		size_t size = sizeof(*block) + len;

		size = (size + BLOCK_SIZE - 1) & ~(BLOCK_SIZE - 1);
		block = secret_map(size);
		if (!block) {
			list->full = true;
			return NULL;
		}
		block->size = size;
		block->used = sizeof(*block);
		block->next = list->blocks;
		list->blocks = block;
	}
	memory = (char *)block + block->used;
	block->used += len;
	return memory;
}

/**
 * entries_dup() - Copy text to memory that lives as long as a list
 * @list: the list
 * @text: the text
 *
 * Return: the copy; or NULL, and @list->full is set
 */
char *entries_dup(struct entries *list, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = entries_alloc(list, len);

	return copy ? memcpy(copy, text, len) : NULL;
}

/**
 * entries_read() - Read a file to its end
 * @list: the list to allocate from
 * @fd: the file
 * @len: set to the number of bytes read
 *
 * Return: the text, terminated; NULL with errno, EFBIG for more than TEXT_LIMIT
 */
char *entries_read(struct entries *list, int fd, size_t *len)
{
	size_t size = BLOCK_SIZE / 2;
	char *text = entries_alloc(list, size + 1);

	for (*len = 0; text;) {
		ssize_t n = read_all(fd, text + *len, size - *len);
		char *larger;

		if (n < 0)
			return NULL;
		*len += n;
		text[*len] = '\0';
		if (*len < size)
			return text;
		if (size >= TEXT_LIMIT) {
			errno = EFBIG;
			return NULL;
		}
		larger = entries_alloc(list, 4 * size + 1);
		if (larger)
			memcpy(larger, text, *len);
		explicit_bzero(text, *len);
		text = larger;
		size *= 4;
	}
	errno = ENOMEM;
	return NULL;
}

/**
 * entries_too_long() - Log what EFBIG of entries_read() means
 * @path: the name of the file
 *
 * Return: an exit code
 */
int entries_too_long(const char *path)
{
	log_error("%s is longer than %lu MiB; split it", path,
		  TEXT_LIMIT >> 20);
	return EX_DATAERR;
}

static void nothing(void *node)
{
	(void)node;
}

/**
 * entries_free() - Wipe and free a list
 * @list: the list, empty afterwards
 */
void entries_free(struct entries *list)
{
	struct block *block = list->blocks;

	tdestroy(list->tree, nothing);
	while (block) {
		struct block *next = block->next;

		secret_unmap(block, block->size);
		block = next;
	}
	memset(list, 0, sizeof(*list));
}
