/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Status of a Login Response, RFC 7143, section 11.13.5 */
#ifndef STATUS_H
#define STATUS_H

#include <stdint.h>

/**
 * struct login_status - Why a target rejects a login
 * @status: class and detail, for instance 0x0201
 * @code: exit code
 * @text: meaning
 */
struct login_status {
	uint16_t status;
	uint16_t code;
	const char *text;
};

const struct login_status *login_status(unsigned int status);

#endif /* STATUS_H */
