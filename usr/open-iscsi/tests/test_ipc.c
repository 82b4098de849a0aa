// SPDX-License-Identifier: GPL-2.0-or-later
/* iscsid never waits for a client, and answers a request that is too short */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include "mgmt_ipc.c"

static struct iscsi_session session = { .r_stage = 3 };

int log_level;

void log_error(const char *format, ...) { }
void log_debug(int level, const char *format, ...) { }

struct iscsi_session *session_find_by_sid(uint32_t sid)
{
	return sid == 7 ? &session : NULL;
}

static int logged_in;

int session_login_task(node_rec_t *rec, queue_task_t *qtask)
{
	logged_in++;
	mgmt_ipc_write_rsp(qtask, ISCSI_SUCCESS);
	return ISCSI_SUCCESS;
}

/* A client's connection */
static int connected(void)
{
	queue_task_t *qtask = calloc(1, sizeof(*qtask));
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, fd), 0);
	qtask->allocated = 1;
	qtask->mgmt_ipc_fd = fd[0];
	alarm(10);
	mgmt_ipc_add_client(qtask);
	return fd[1];
}

/* Send a part of a request that begins with the command and its session */
static void sends(int fd, int command, size_t from, size_t to)
{
	static iscsiadm_req_t req;

	req.command = command;
	req.u.session.sid = 7;
	assert_int_equal(write(fd, (char *)&req + from, to - from), to - from);
}

static int waiting(void)
{
	struct pollfd fds[MGMT_IPC_CLIENTS], accept_fd;
	int i, timeout, count = 0;

	timeout = mgmt_ipc_poll_clients(fds, &accept_fd, -1);
	for (i = 0; i < MGMT_IPC_CLIENTS; i++)
		count += fds[i].fd >= 0;
	assert_int_equal(timeout < 0, count == 0);
	assert_true(timeout <= 1001);
	assert_int_equal(accept_fd.events != 0, count < MGMT_IPC_CLIENTS);
	return count;
}

/* Give the client what iscsid answers at once */
static iscsiadm_rsp_t answer(int fd)
{
	iscsiadm_rsp_t rsp = { 0 };

	mgmt_ipc_handle_clients();
	assert_int_equal(recv(fd, &rsp, sizeof(rsp), MSG_DONTWAIT), sizeof(rsp));
	close(fd);
	return rsp;
}

/* An unpatched iscsiadm's structure is this much shorter at least */
#define SHORT (sizeof(iscsiadm_req_t) - 3 * AUTH_STR_MAX_LEN)

static void other_version(void **state)
{
	iscsiadm_rsp_t rsp;
	int fd;

	/* Its request for a session's state needs no record */
	fd = connected();
	sends(fd, MGMT_IPC_SESSION_INFO, 0, SHORT);
	rsp = answer(fd);
	assert_int_equal(rsp.err, ISCSI_SUCCESS);
	assert_int_equal(rsp.command, MGMT_IPC_SESSION_INFO);
	assert_int_equal(rsp.u.session_state.session_state, 3);
	/* Its login and sync have other numbers */
	fd = connected();
	sends(fd, 1, 0, SHORT);
	assert_int_equal(answer(fd).err, ISCSI_ERR_INVALID_MGMT_REQ);
	fd = connected();
	sends(fd, 1 << 30, 0, 8);
	assert_int_equal(answer(fd).err, ISCSI_ERR_INVALID_MGMT_REQ);
	assert_int_equal(waiting(), 0);
}

static void in_parts(void **state)
{
	const size_t all = sizeof(iscsiadm_req_t);
	int first, second;

	logged_in = 0;
	first = connected();
	second = connected();
	assert_int_equal(waiting(), 2);
	sends(first, MGMT_IPC_SESSION_LOGIN, 0, 3);
	mgmt_ipc_handle_clients();
	sends(second, MGMT_IPC_SESSION_LOGIN, 0, all - 1);
	mgmt_ipc_handle_clients();
	sends(first, MGMT_IPC_SESSION_LOGIN, 3, all);
	assert_int_equal(answer(first).err, ISCSI_SUCCESS);
	assert_int_equal(waiting(), 1);
	sends(second, MGMT_IPC_SESSION_LOGIN, all - 1, all);
	assert_int_equal(answer(second).err, ISCSI_SUCCESS);
	assert_int_equal(waiting(), 0);
	assert_int_equal(logged_in, 2);
}

static void too_short(void **state)
{
	iscsiadm_rsp_t rsp;
	int fd, i;

	logged_in = 0;
	fd = connected();
	sends(fd, MGMT_IPC_SESSION_LOGIN, 0, SHORT);
	mgmt_ipc_handle_clients();
	assert_int_equal(waiting(), 1);
	for (i = 0; i < MGMT_IPC_CLIENTS; i++)
		mgmt_ipc_clients[i].end.tv_sec -= 1;
	rsp = answer(fd);
	assert_int_equal(rsp.err, ISCSI_ERR_INVALID_MGMT_REQ);
	assert_int_equal(rsp.command, MGMT_IPC_SESSION_LOGIN);
	/* Or it says at once that there is no more */
	fd = connected();
	sends(fd, MGMT_IPC_SESSION_LOGIN, 0, SHORT);
	shutdown(fd, SHUT_WR);
	assert_int_equal(answer(fd).err, ISCSI_ERR_INVALID_MGMT_REQ);
	fd = connected();
	close(fd);
	mgmt_ipc_handle_clients();
	assert_int_equal(waiting(), 0);
	assert_int_equal(logged_in, 0);
}

static void payload(void **state)
{
	struct {
		iscsiadm_req_t req;
		uint32_t len;
		char text[5];
	} __attribute__((packed)) add = { .len = 5, .text = "ab=cd" };
	int fd;

	add.req.command = MGMT_IPC_NOTIFY_ADD_NODE;
	add.req.payload_len = 9;
	fd = connected();
	assert_int_equal(write(fd, &add, sizeof(add) - 2), sizeof(add) - 2);
	mgmt_ipc_handle_clients();
	assert_int_equal(waiting(), 1);
	assert_int_equal(write(fd, "cd", 2), 2);
	assert_int_equal(answer(fd).err, ISCSI_SUCCESS);
	/* A string that is longer than the payload */
	add.len = 6;
	fd = connected();
	assert_int_equal(write(fd, &add, sizeof(add)), sizeof(add));
	assert_int_equal(answer(fd).err, ISCSI_ERR);
	add.req.payload_len = EXTMSG_MAX + 1;
	fd = connected();
	assert_int_equal(write(fd, &add, sizeof(add)), sizeof(add));
	assert_int_equal(answer(fd).err, ISCSI_ERR_INVALID_MGMT_REQ);
	assert_int_equal(waiting(), 0);
}

/* A client that sends nothing, and one that reads nothing */
static void no_room(void **state)
{
	queue_task_t full = { 0 };
	int fd[MGMT_IPC_CLIENTS], pair[2], i;

	for (i = 0; i < MGMT_IPC_CLIENTS; i++)
		fd[i] = connected();
	assert_int_equal(waiting(), MGMT_IPC_CLIENTS);
	for (i = 0; i < MGMT_IPC_CLIENTS; i++)
		close(fd[i]);
	mgmt_ipc_handle_clients();
	assert_int_equal(waiting(), 0);

	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	while (send(pair[0], &full.rsp, sizeof(full.rsp), MSG_DONTWAIT) > 0)
		;
	full.mgmt_ipc_fd = pair[0];
	mgmt_ipc_write_rsp(&full, ISCSI_SUCCESS);
	close(pair[1]);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(other_version),
		cmocka_unit_test(in_parts),
		cmocka_unit_test(too_short),
		cmocka_unit_test(payload),
		cmocka_unit_test(no_room),
	};

	return cmocka_run_group_tests_name("ipc", tests, NULL, NULL);
}
