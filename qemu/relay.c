// SPDX-License-Identifier: GPL-2.0-or-later
/*
 * PID 1 of the guest after qemu/init: run the command of qemu/run and relay its
 * output and status to the host.
 *
 * relay DIR: DIR/command contains the working directory and the arguments, each
 * terminated by a NUL; DIR/debug exists for a debug kernel.  Standard output is
 * relayed to /dev/ttyS0, standard error to /dev/ttyS1.  The status is written to
 * /dev/ttyS2, last: if none arrives, the guest was lost.
 */
#define _GNU_SOURCE
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/reboot.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#define KMEMLEAK "/sys/kernel/debug/kmemleak"
#define KMEMLEAK_MIN_AGE 6	/* seconds; newer objects are not reported */

struct stream {
	int pipe;	/* from the command; -1 after its end */
	int tty;	/* to the host */
};

static int open_tty(const char *path)
{
	struct termios raw;
	int fd = open(path, O_WRONLY | O_NOCTTY | O_CLOEXEC);

	if (fd < 0 || tcgetattr(fd, &raw))
		err(1, "%s", path);
	cfmakeraw(&raw);
	if (tcsetattr(fd, TCSANOW, &raw))
		err(1, "%s", path);
	return fd;
}

static bool write_all(int fd, const char *p, size_t len)
{
	while (len) {
		ssize_t n = write(fd, p, len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return false;
		p += n;
		len -= n;
	}
	return true;
}

/* Relay available data; return whether there was any */
static bool relay(struct stream *s)
{
	char buf[4096];
	ssize_t n;

	if (s->pipe < 0)
		return false;
	n = read(s->pipe, buf, sizeof(buf));
	if (n > 0 && write_all(s->tty, buf, n))
		return true;
	/* EOF, or the host stopped reading: the command then gets SIGPIPE */
	if (n >= 0 || (errno != EAGAIN && errno != EINTR)) {
		close(s->pipe);
		s->pipe = -1;
	}
	return false;
}

/* Return the parts of DIR/command as a NULL-terminated array */
static char **read_command(const char *path)
{
	char **argv = NULL, *arg = NULL;
	size_t size = 0, n = 0;
	FILE *f = fopen(path, "r");

	if (!f)
		err(1, "%s", path);
	do {
		argv = realloc(argv, (n + 1) * sizeof(*argv));
		if (!argv)
			err(1, "realloc");
		argv[n] = NULL;
		arg = NULL;
		size = 0;
		if (getdelim(&arg, &size, 0, f) > 0)
			argv[n] = arg;
	} while (argv[n++]);
	fclose(f);
	if (n < 3)
		errx(1, "%s: no command", path);
	return argv;
}

static pid_t start(char **command, struct stream *out, struct stream *errors)
{
	int o[2], e[2];
	sigset_t none;
	pid_t pid;

	if (pipe2(o, O_CLOEXEC) || pipe2(e, O_CLOEXEC))
		err(1, "pipe");
	pid = fork();
	if (pid < 0)
		err(1, "fork");
	if (!pid) {
		sigemptyset(&none);
		sigprocmask(SIG_SETMASK, &none, NULL);
		setsid();
		dup2(open("/dev/null", O_RDONLY), 0);
		dup2(o[1], 1);
		dup2(e[1], 2);
		if (chdir(command[0]))
			err(126, "%s", command[0]);
		execvp(command[1], command + 1);
		err(errno == ENOENT ? 127 : 126, "%s", command[1]);
	}
	close(o[1]);
	close(e[1]);
	fcntl(o[0], F_SETFL, O_NONBLOCK);
	fcntl(e[0], F_SETFL, O_NONBLOCK);
	out->pipe = o[0];
	errors->pipe = e[0];
	return pid;
}

/* Relay until the command ends; return its status like a shell */
static int attend(pid_t pid, struct stream *out, struct stream *errors,
		  int signals)
{
	struct signalfd_siginfo info;
	int status, code = -1;
	pid_t got;

	while (code < 0) {
		struct pollfd fds[] = {
			{ .fd = out->pipe, .events = POLLIN },
			{ .fd = errors->pipe, .events = POLLIN },
			{ .fd = signals, .events = POLLIN },
		};

		if (poll(fds, 3, -1) < 0 && errno != EINTR)
			err(1, "poll");
		relay(out);
		relay(errors);
		if (!fds[2].revents)
			continue;
		(void)!read(signals, &info, sizeof(info));
		while ((got = waitpid(-1, &status, WNOHANG)) > 0)
			if (got == pid)
				code = WIFEXITED(status) ? WEXITSTATUS(status) :
				       128 + WTERMSIG(status);
	}
	/* Daemons may keep the pipes open: relay what is left, do not wait */
	while (relay(out) || relay(errors))
		;
	return code;
}

/* Run kmemleak and write its report to the console */
static void report_leaks(void)
{
	char buf[4096];
	int fd, console, i;
	ssize_t n;

	fd = open(KMEMLEAK, O_RDWR | O_CLOEXEC);
	console = open("/dev/console", O_WRONLY | O_NOCTTY | O_CLOEXEC);
	if (fd < 0 || console < 0)
		err(1, "%s", KMEMLEAK);
	sleep(KMEMLEAK_MIN_AGE);
	for (i = 0; i < 2; i++)
		if (!write_all(fd, "scan", 4))
			err(1, "%s", KMEMLEAK);
	while ((n = read(fd, buf, sizeof(buf))) > 0)
		write_all(console, buf, n);
	tcdrain(console);
	close(console);
	close(fd);
}

int main(int argc, char **argv)
{
	struct stream out, errors;
	sigset_t child;
	char path[4096];
	int status_tty, signals, code;
	char **command;

	if (argc != 2)
		errx(1, "usage: relay DIR");
	snprintf(path, sizeof(path), "%s/command", argv[1]);
	command = read_command(path);
	snprintf(path, sizeof(path), "%s/debug", argv[1]);

	out.tty = open_tty("/dev/ttyS0");
	errors.tty = open_tty("/dev/ttyS1");
	status_tty = open_tty("/dev/ttyS2");

	sigemptyset(&child);
	sigaddset(&child, SIGCHLD);
	sigprocmask(SIG_BLOCK, &child, NULL);
	signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
	if (signals < 0)
		err(1, "signalfd");

	code = attend(start(command, &out, &errors), &out, &errors, signals);
	tcdrain(out.tty);
	tcdrain(errors.tty);

	if (!access(path, F_OK))
		report_leaks();

	dprintf(status_tty, "%d\n", code);
	tcdrain(status_tty);
	sync();
	reboot(RB_POWER_OFF);
	return 1;
}
