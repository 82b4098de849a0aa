// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * What qemu/bench compares with: the time of exponentiations with a 256-bit
 * exponent, without the kernel's queue and channel.
 *
 *	bench_srp alone GROUP COUNT PROCESSES	OpenSSL, constant time
 *	bench_srp calls GROUP COUNT PROCESSES	and two system calls for each of them
 *	bench_srp login GROUP COUNT PROCESSES	all exponentiations of a login
 *	bench_srp exec GROUP COUNT PROGRAM	a helper started for each of them
 *	bench_srp syscall COUNT			a system call that does nothing
 *
 * In User-mode Linux reading the clock is a system call, which costs more there
 * than on hardware: each loop reads it only twice.
 */
#include "lib/group.h"
#include "lib/io.h"
#include "lib/secret.h"
#include "lib/srp.h"

#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sysexits.h>
#include <time.h>
#include <unistd.h>

#define EXP_LEN		32
#define EXPS_MAX	6
#define COUNT_MAX	1000000
#define PROCESSES_MAX	64

static const char usage[] =
	"usage: bench_srp alone GROUP COUNT PROCESSES\n"
	"       bench_srp calls GROUP COUNT PROCESSES\n"
	"       bench_srp login GROUP COUNT PROCESSES\n"
	"       bench_srp exec GROUP COUNT PROGRAM\n"
	"       bench_srp syscall COUNT\n";

/**
 * struct work - What a process repeats
 * @name: of the command
 * @lens: lengths of exponents, up to 0
 * @calls: system calls for each exponentiation; a worker needs two
 */
static const struct work {
	const char *name;
	int lens[EXPS_MAX + 1];
	int calls;
} works[] = {
	{ "alone", { EXP_LEN }, 0 },
	{ "calls", { EXP_LEN }, 2 },
	/* g^a, g^x and S of the initiator; g^b, v^u and S of the target */
	{ "login", { EXP_LEN, 20, EXP_LEN + 1, EXP_LEN, 4, EXP_LEN }, 0 },
};

struct span {
	double begin;		/* microseconds */
	double end;
};

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e6 + t.tv_nsec / 1e3;
}

static __attribute__((noreturn)) void fail(const char *what)
{
	fprintf(stderr, "bench_srp: %s failed\n", what);
	exit(EX_OSERR);
}

/* The powers of one process, which reports that it is ready and waits for @start */
static void powers(const struct srp_group *group, const struct work *work,
		   int count, int ready, int start)
{
	const struct srp_modulus *mod = group_modulus(group);
	BN_CTX *ctx = BN_CTX_new();
	BIGNUM *base = BN_new(), *power = BN_new(), *exp[EXPS_MAX];
	struct span span = { 0 };
	int exps = 0;

	if (!mod || !ctx || !base || !power || !BN_rand_range(base, mod->N))
		fail("preparing");
	for (; work->lens[exps]; exps++) {
		exp[exps] = BN_new();
		if (!exp[exps] ||
		    !BN_rand(exp[exps], work->lens[exps] * 8,
			     BN_RAND_TOP_ONE, BN_RAND_BOTTOM_ANY) ||
		    !BN_mod_exp_mont_consttime(power, base, exp[exps], mod->N,
					       ctx, mod->mont))
			fail("preparing");
	}
	if (write_all(ready, &span, sizeof(span)) ||
	    read_all(start, &span, 1) < 0)
		fail("preparing");

	span.begin = now_us();
	for (int i = 0; i < count * exps; i++) {
		if (!BN_mod_exp_mont_consttime(power, base, exp[i % exps],
					       mod->N, ctx, mod->mont))
			fail("OpenSSL");
		for (int n = 0; n < work->calls; n++)
			syscall(SYS_getppid);
	}
	span.end = now_us();
	if (write_all(ready, &span, sizeof(span)))
		fail("write");
}

static void repeat(const struct srp_group *group, const struct work *work,
		   int count, int processes)
{
	double begin = 0, end = 0, sum = 0;
	int ready[2], start[2];
	struct span span;

	if (pipe(ready) || pipe(start))
		fail("pipe");
	for (int i = 0; i < processes; i++) {
		pid_t pid = fork();

		if (pid < 0)
			fail("fork");
		if (pid)
			continue;
		close(start[1]);
		powers(group, work, count, ready[1], start[0]);
		_exit(EX_OK);
	}
	close(ready[1]);

	for (int i = 0; i < 2 * processes; i++) {
		if (i == processes)
			close(start[1]);
		if (read_all(ready[0], &span, sizeof(span)) != sizeof(span))
			fail("a process");
		if (i < processes)
			continue;
		if (begin == 0 || span.begin < begin)
			begin = span.begin;
		if (span.end > end)
			end = span.end;
		sum += span.end - span.begin;
	}
	printf("{\"us\": %.3f, \"per_second\": %.3f}\n",
	       sum / count / processes,
	       1e6 * count * processes / (end - begin));
}

/* One job, by a helper of its own */
static void exec_one(const char *program, const struct iscsi_srp_job *job,
		     size_t len)
{
	char *const argv[] = { (char *)program, (char *)"--stdin", NULL };
	char *const envp[] = { NULL };
	struct iscsi_srp_result result;
	uint8_t bytes[sizeof(result) + ISCSI_SRP_MAX_LEN];
	posix_spawn_file_actions_t actions;
	int to[2], from[2], status;
	ssize_t n;
	pid_t pid;

	if (pipe2(to, O_CLOEXEC) || pipe2(from, O_CLOEXEC) ||
	    posix_spawn_file_actions_init(&actions) ||
	    posix_spawn_file_actions_adddup2(&actions, to[0], STDIN_FILENO) ||
	    posix_spawn_file_actions_adddup2(&actions, from[1], STDOUT_FILENO) ||
	    posix_spawn(&pid, program, &actions, NULL, argv, envp))
		fail("starting the helper");
	close(to[0]);
	close(from[1]);
	if (write_all(to[1], job, sizeof(*job)))
		fail("write");
	close(to[1]);
	n = read_all(from[0], bytes, sizeof(bytes));
	close(from[0]);
	memcpy(&result, bytes, sizeof(result));
	if (n != (ssize_t)(sizeof(result) + len) ||
	    result.status != ISCSI_SRP_OK || waitpid(pid, &status, 0) != pid ||
	    status)
		fail("the helper");
	posix_spawn_file_actions_destroy(&actions);
}

static void exec_each(const struct srp_group *group, int count,
		      const char *program)
{
	struct iscsi_srp_job job = {
		.version = ISCSI_SRP_VERSION,
		.op = ISCSI_SRP_OP_POWER,
		.group = group->id,
		.b_len = EXP_LEN,
	};
	double begin;

	memset(job.b, 0xa5, EXP_LEN);
	exec_one(program, &job, group->len);	/* to load its pages */
	begin = now_us();
	for (int i = 0; i < count; i++)
		exec_one(program, &job, group->len);
	printf("{\"us\": %.3f}\n", (now_us() - begin) / count);
}

static void system_call(int count)
{
	double begin = now_us();

	for (int i = 0; i < count; i++)
		syscall(SYS_getppid);
	printf("{\"us\": %.4f}\n", (now_us() - begin) / count);
}

/* A whole number from 1 to max, or 0 */
static int number(const char *text, long max)
{
	char *end;
	long n = strtol(text, &end, 10);

	return *end || n < 1 || n > max ? 0 : (int)n;
}

int main(int argc, char **argv)
{
	const struct srp_group *group;
	int count, processes;

	if (argc == 3 && !strcmp(argv[1], "syscall") &&
	    (count = number(argv[2], COUNT_MAX))) {
		system_call(count);
		return EX_OK;
	}
	if (argc == 5 && (group = group_by_name(argv[2], strlen(argv[2]))) &&
	    (count = number(argv[3], COUNT_MAX))) {
		if (!strcmp(argv[1], "exec")) {
			exec_each(group, count, argv[4]);
			return EX_OK;
		}
		processes = number(argv[4], PROCESSES_MAX);
		for (size_t i = 0; i < sizeof(works) / sizeof(works[0]); i++) {
			if (strcmp(argv[1], works[i].name) || !processes)
				continue;
			repeat(group, &works[i], count, processes);
			return EX_OK;
		}
	}
	fputs(usage, stderr);
	return EX_USAGE;
}
