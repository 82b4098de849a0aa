/* SPDX-License-Identifier: GPL-2.0 */
/* Pointers for structures that cannot get another member, see side_table.c */
#ifndef ISCSIT_SRP_SIDE_TABLE_H
#define ISCSIT_SRP_SIDE_TABLE_H

void *compat_side_table_get(const void *owner);
void compat_side_table_set(const void *owner, void *value);
void compat_side_table_clear(const void *owner);

#endif /* ISCSIT_SRP_SIDE_TABLE_H */
