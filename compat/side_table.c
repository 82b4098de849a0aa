// SPDX-License-Identifier: GPL-2.0
/*
 * A side table: what hangs on a structure, by the structure's address.
 *
 * A new member of a structure in include/target would change the symbol
 * versions of most of the module's exports, and the kernel's own ib_isert and
 * cxgbit would not load beside ours.
 *
 * An owner sets its entry when it is made, whatever was there, and unsets it
 * before it is freed.
 */
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/xarray.h>
#include "side_table.h"

static DEFINE_XARRAY(side_table);

/**
 * compat_side_table_get - What hangs on a structure
 * @owner: the structure
 *
 * Context: Any.
 * Return: What was set last, NULL if nothing was.  RCU protects it as if it had
 * been read from the structure.
 */
void *compat_side_table_get(const void *owner)
{
	return xa_load(&side_table, (unsigned long)owner);
}

/**
 * compat_side_table_set - Hang something on a structure
 * @owner: the structure
 * @value: what hangs there from now on; NULL: nothing, and no memory is used
 *
 * Context: Process context.  May sleep.
 */
void compat_side_table_set(const void *owner, void *value)
{
	/* A member of a structure never fails, and a node is small */
	const gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;

	WARN_ON(xa_err(xa_store(&side_table, (unsigned long)owner, value, gfp)));
}
