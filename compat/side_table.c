// SPDX-License-Identifier: GPL-2.0
/*
 * A side table: pointers that belong to a structure, by its address.
 *
 * A new member of a structure in include/target would change the symbol
 * versions of most of the module's exports, and the kernel's own ib_isert and
 * cxgbit would refuse to load with our module.
 *
 * Set the pointer when the structure is created, and unset it before the
 * structure is freed.
 */
#include <linux/bug.h>
#include <linux/gfp.h>
#include <linux/xarray.h>
#include "side_table.h"

/* A session's timer clears its pointer */
static DEFINE_XARRAY_FLAGS(side_table, XA_FLAGS_LOCK_BH);

/* Get the pointer of @owner, or NULL.  Callers use RCU as for a member */
void *compat_side_table_get(const void *owner)
{
	return xa_load(&side_table, (unsigned long)owner);
}

/* Set the pointer of @owner; NULL frees its entry.  May sleep */
void compat_side_table_set(const void *owner, void *value)
{
	/* Callers do not expect an error from a member, and a node is small */
	const gfp_t gfp = GFP_KERNEL | __GFP_NOFAIL;

	WARN_ON(xa_err(xa_store_bh(&side_table, (unsigned long)owner, value,
				   gfp)));
}

/* Unset the pointer of @owner.  Does not sleep */
void compat_side_table_clear(const void *owner)
{
	xa_erase_bh(&side_table, (unsigned long)owner);
}
