/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Memory for secrets */
#ifndef LIB_SECRET_H
#define LIB_SECRET_H

#include <stddef.h>

int secret_no_dump(void);
int secret_init(void);
void *secret_alloc(size_t len);
void secret_free(void *secret, size_t len);
void *secret_map(size_t len);
void secret_unmap(void *secret, size_t len);

#endif /* LIB_SECRET_H */
