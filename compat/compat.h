/* SPDX-License-Identifier: GPL-2.0 */
/*
 * Mainline's interfaces on Linux 6.12 and, together with linux-6.1/, on 6.1.
 * Nothing on mainline.
 *
 * Included before each file of drivers/target/iscsi.  Do not include headers
 * that include printk.h: pr_fmt() is not defined yet.
 */
#ifndef ISCSIT_SRP_COMPAT_H
#define ISCSIT_SRP_COMPAT_H

#include <linux/version.h>

#if LINUX_VERSION_CODE < KERNEL_VERSION(7, 0, 0)
#include <crypto/sha1.h>
#include <crypto/sha2.h>
#include <linux/base64.h>
#include <linux/compiler.h>
#include <linux/types.h>

/*
 * SHA-1: the library of 6.12 has only the compression function.  Like
 * mainline's, sha1_final() wipes the context.
 */
struct sha1_ctx {
	u32 state[SHA1_DIGEST_WORDS];
	u64 bytecount;
	u8 buf[SHA1_BLOCK_SIZE];
};

static inline void compat_wipe(void *p, size_t len)
{
	__builtin_memset(p, 0, len);
	barrier_data(p);
}

static inline void compat_sha1_init(struct sha1_ctx *ctx)
{
	sha1_init(ctx->state);
	ctx->bytecount = 0;
}

static inline void compat_sha1_update(struct sha1_ctx *ctx, const u8 *data,
				      size_t len)
{
	u32 workspace[SHA1_WORKSPACE_WORDS];

	while (len) {
		size_t at = ctx->bytecount % SHA1_BLOCK_SIZE;
		size_t n = SHA1_BLOCK_SIZE - at;

		if (n > len)
			n = len;
		__builtin_memcpy(&ctx->buf[at], data, n);
		ctx->bytecount += n;
		data += n;
		len -= n;
		if (at + n < SHA1_BLOCK_SIZE)
			return;
		sha1_transform(ctx->state, (const char *)ctx->buf, workspace);
		compat_wipe(workspace, sizeof(workspace));
	}
}

static inline void compat_sha1_final(struct sha1_ctx *ctx,
				     u8 out[SHA1_DIGEST_SIZE])
{
	static const u8 pad[SHA1_BLOCK_SIZE] = { 0x80 };
	u64 bits = ctx->bytecount * 8;
	size_t at = ctx->bytecount % SHA1_BLOCK_SIZE;
	u8 length[8];
	int i;

	for (i = 0; i < 8; i++)
		length[i] = bits >> (56 - 8 * i);
	compat_sha1_update(ctx, pad, (at < 56 ? 56 : 120) - at);
	compat_sha1_update(ctx, length, sizeof(length));

	for (i = 0; i < SHA1_DIGEST_SIZE; i++)
		out[i] = ctx->state[i / 4] >> (24 - 8 * (i % 4));
	compat_wipe(ctx, sizeof(*ctx));
}

static inline void compat_sha1(const u8 *data, size_t len,
			       u8 out[SHA1_DIGEST_SIZE])
{
	struct sha1_ctx ctx;

	compat_sha1_init(&ctx);
	compat_sha1_update(&ctx, data, len);
	compat_sha1_final(&ctx, out);
}

/* HMAC-SHA256 of less than two blocks, with a key of at most one */
static inline void compat_hmac_sha256(const u8 *key, size_t key_len,
				      const u8 *data, size_t len,
				      u8 out[SHA256_DIGEST_SIZE])
{
	u8 buf[3 * SHA256_BLOCK_SIZE];
	size_t i;

	for (i = 0; i < SHA256_BLOCK_SIZE; i++)
		buf[i] = (i < key_len ? key[i] : 0) ^ 0x36;
	__builtin_memcpy(buf + SHA256_BLOCK_SIZE, data, len);
	sha256(buf, SHA256_BLOCK_SIZE + len, out);
	for (i = 0; i < SHA256_BLOCK_SIZE; i++)
		buf[i] ^= 0x36 ^ 0x5c;
	__builtin_memcpy(buf + SHA256_BLOCK_SIZE, out, SHA256_DIGEST_SIZE);
	sha256(buf, SHA256_BLOCK_SIZE + SHA256_DIGEST_SIZE, out);
	compat_wipe(buf, sizeof(buf));
}

#define hmac_sha256_usingrawkey	compat_hmac_sha256

#define sha1_init	compat_sha1_init
#define sha1_update	compat_sha1_update
#define sha1_final	compat_sha1_final
#define sha1		compat_sha1

/*
 * base64_decode(): 6.12 ignores padding.  Mainline's, for BASE64_STD with
 * padding; len is a positive multiple of 4.
 */
static inline int compat_base64_decode(const char *src, int len, u8 *dst)
{
	if (src[len - 1] == '=')
		len -= 1 + (src[len - 2] == '=');

	return __builtin_memchr(src, '=', len) ? -1 :
	       base64_decode(src, len, dst);
}

#define base64_decode(src, len, dst, padding, variant) \
	compat_base64_decode(src, len, dst)

/* Renamed after 6.12 */
#define timer_container_of	from_timer

/* Not in 6.1, and in 6.12 since one of its updates: see module-source.sh */
#ifdef COMPAT_KZALLOC_OBJ
#define compat_gfp(a, gfp, ...)	gfp
#define kzalloc_obj(obj, ...) \
	kzalloc(sizeof(obj), compat_gfp(, ##__VA_ARGS__, GFP_KERNEL))
#endif

#endif /* < 7.0 */

#endif /* ISCSIT_SRP_COMPAT_H */
