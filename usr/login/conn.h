/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A TCP connection and its PDUs */
#ifndef CONN_H
#define CONN_H

#include <stddef.h>
#include <stdint.h>

#include "options.h"
#include "result.h"

#define BHS_LEN		48
#define PDU_DATA_MAX	8192	/* the default of MaxRecvDataSegmentLength */

/**
 * struct pdu - One PDU without additional header segments
 * @len: length of the data segment
 * @bytes: header, data segment and padding
 */
struct pdu {
	size_t len;
	uint8_t bytes[BHS_LEN + PDU_DATA_MAX];
};

/**
 * struct conn - A connection; times in nanoseconds
 * @fd: its socket
 * @res: gets times and errors
 * @step: the request that waits for its response
 * @deadline: of the login, CLOCK_MONOTONIC
 * @arrived: when the last response arrived, CLOCK_MONOTONIC
 * @sent: when the last request was passed to the kernel, CLOCK_MONOTONIC
 * @sent_real: the same by CLOCK_REALTIME, the clock of the kernel's time stamps
 * @rx_len: length in @rx
 * @rx: received bytes that are not yet part of a PDU
 */
struct conn {
	int fd;
	struct result *res;
	struct step *step;
	int64_t deadline;
	int64_t arrived;
	int64_t sent;
	int64_t sent_real;
	size_t rx_len;
	uint8_t rx[BHS_LEN + PDU_DATA_MAX];
};

int conn_open(struct conn *conn, const struct options *opt,
	      struct result *res);
int conn_send(struct conn *conn, const char *step, struct pdu *pdu);
int conn_recv(struct conn *conn, struct pdu *pdu);
void conn_close(struct conn *conn);

#endif /* CONN_H */
