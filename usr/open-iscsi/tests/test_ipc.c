// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsid does not wait for the rest of a request that is too short */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "mgmt_ipc.c"

static void short_request(void **state)
{
	queue_task_t qtask = { 0 };
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	assert_int_equal(write(fd[1], &qtask.req, sizeof(qtask.req) - 8),
			 sizeof(qtask.req) - 8);
	qtask.mgmt_ipc_fd = fd[0];
	alarm(10);
	assert_int_equal(mgmt_ipc_read_req(&qtask), -ETIMEDOUT);
	assert_int_equal(write(fd[1], &qtask.req, sizeof(qtask.req)),
			 sizeof(qtask.req));
	assert_int_equal(mgmt_ipc_read_req(&qtask), 0);
	alarm(0);
	close(fd[0]);
	close(fd[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(short_request) };

	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
