// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * libFuzzer: a users file, and after a form feed what --batch gets.  A file that is
 * accepted is written as text that has the same entries.  A batch that succeeds changes
 * nothing when it is repeated; one that fails never does.
 */
#include "batch.h"
#include "entry.h"
#include "usersfile.h"
#include "lib/io.h"
#include "lib/log.h"
#include "lib/tests/fuzz.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#include <sanitizer/asan_interface.h>

#define FILE_NAME	"users"
#define GAP		32

void *__wrap_entries_alloc(struct entries *list, size_t len);
void *__real_entries_alloc(struct entries *list, size_t len);
void __wrap_secret_unmap(void *secret, size_t len);
void __real_secret_unmap(void *secret, size_t len);
int __wrap_fsync(int fd);
time_t __wrap_time(time_t *now);

/* AddressSanitizer sees what reads or writes beyond the end */
void *__wrap_entries_alloc(struct entries *list, size_t len)
{
	char *memory = __real_entries_alloc(list, len + GAP);

	if (memory)
		ASAN_POISON_MEMORY_REGION(memory + len, GAP);
	return memory;
}

void __wrap_secret_unmap(void *secret, size_t len)
{
	ASAN_UNPOISON_MEMORY_REGION(secret, len);
	__real_secret_unmap(secret, len);
}

int __wrap_fsync(int fd)
{
	(void)fd;
	return 0;
}

/* A second must not begin between two runs */
time_t __wrap_time(time_t *now)
{
	(void)now;
	return 1800000000;
}

/* Errors and the list of changes go nowhere */
static void begin(void)
{
	static int null = -1;

	if (null >= 0)
		return;
	null = open("/dev/null", O_WRONLY | O_CLOEXEC);
	demand(null >= 0 && dup2(null, STDOUT_FILENO) >= 0);
	log_to_parent(null);
}

static void write_file(const char *text)
{
	int fd = open(FILE_NAME, O_WRONLY | O_CREAT | O_TRUNC, 0600);

	demand(fd >= 0 && !write_all(fd, text, strlen(text)));
	close(fd);
}

/* What the file has; NULL if it does not exist */
static char *read_file(void)
{
	int fd = open(FILE_NAME, O_RDONLY);
	off_t len = fd < 0 ? 0 : lseek(fd, 0, SEEK_END);
	char *text = fd < 0 ? NULL : calloc(1, len + 1);

	if (text)
		demand(pread(fd, text, len, 0) == len);
	if (fd >= 0)
		close(fd);
	return text;
}

static bool same(const char *a, const char *b)
{
	return a && b ? !strcmp(a, b) : a == b;
}

static void demand_same(const struct entries *one, const struct entries *other)
{
	struct user_entry **a = entries_sorted(one);
	struct user_entry **b = entries_sorted(other);

	demand(a && b && one->count == other->count);
	for (size_t i = 0; i < one->count; i++) {
		demand(same(a[i]->label, b[i]->label));
		for (unsigned int field = 1; field < FIELDS; field++)
			demand(same(a[i]->value[field], b[i]->value[field]));
	}
	free(a);
	free(b);
}

static void check_file(const char *input)
{
	struct users_file file, again;

	write_file(input);
	if (users_file_open(&file, FILE_NAME, false) == EX_OK) {
		demand(users_file_save(&file) == EX_OK);
		demand(users_file_open(&again, FILE_NAME, false) == EX_OK);
		demand_same(&file.list, &again.list);
		users_file_close(&again);
	} else {
		unlink(FILE_NAME);
	}
	users_file_close(&file);
}

static int run_batch(const char *input)
{
	/* The large groups are only slower */
	static const bool has[ISCSI_SRP_GROUP_MAX + 1] = {
		[ISCSI_SRP_GROUP_SRP_768] = true,
	};
	int fd = memfd_create("batch", MFD_CLOEXEC);
	struct users_file file;
	int code;

	demand(fd >= 0 && !write_all(fd, input, strlen(input)));
	demand(lseek(fd, 0, SEEK_SET) == 0 && dup2(fd, STDIN_FILENO) == 0);
	close(fd);
	demand(users_file_open(&file, FILE_NAME, true) == EX_OK);
	code = batch_run(&file, has);
	users_file_close(&file);
	return code;
}

static bool check_batch(const char *input)
{
	char *before = read_file(), *after, *again;
	int code = run_batch(input);

	after = read_file();
	demand(code == EX_OK || same(before, after));
	if (code == EX_OK)
		demand(run_batch(input) == EX_OK);
	again = read_file();
	demand(same(after, again));
	free(before);
	free(after);
	free(again);
	return code == EX_OK;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = fuzz_text(data, size);
	char *batch = strchr(text, '\f');
	bool good;

	begin();
	if (batch)
		*batch++ = '\0';
	check_file(text);
	good = access(FILE_NAME, F_OK) == 0;
	if (batch)
		good &= check_batch(batch);
	accepted(good);
	unlink(FILE_NAME);
	free(text);
	return 0;
}
