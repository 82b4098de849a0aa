/* SPDX-License-Identifier: GPL-2.0 */
#ifndef ISCSI_TARGET_SRP_H
#define ISCSI_TARGET_SRP_H

#include <crypto/sha1.h>
#include <linux/atomic.h>
#include <linux/completion.h>
#include <linux/configfs.h>
#include <linux/kref.h>
#include <linux/ktime.h>
#include <linux/list.h>
#include <linux/mutex.h>
#include <linux/rhashtable-types.h>
#include <linux/siphash.h>
#include <linux/socket.h>
#include <linux/spinlock.h>
#include <linux/timer.h>
#include <linux/types.h>
#include <linux/wait.h>
#include <linux/workqueue.h>
#include <uapi/linux/iscsi_srp.h>

struct iscsi_node_auth;
struct iscsi_portal_group;
struct iscsi_tiqn;
struct iscsit_conn;
struct iscsit_srp_scope;
struct sockaddr_storage;

#define ISCSIT_SRP_KEY_LEN	(2 * SHA1_DIGEST_SIZE)	/* K */
#define ISCSIT_SRP_USERID_MAX	255
#define ISCSIT_SRP_B_LEN	32			/* b, ours */

/* srp/group.c: the groups of RFC 3723, appendix A */

/**
 * struct iscsit_srp_group - One group of RFC 3723, appendix A
 * @name: as in SRP_GROUP
 * @N: the modulus, big-endian, @len octets, its first octet not zero
 * @len: octets of @N
 * @id: enum iscsi_srp_group
 * @g: the generator
 */
struct iscsit_srp_group {
	const char *name;
	const u8 *N;
	u16 len;
	u16 id;
	u8 g;
};

const struct iscsit_srp_group *iscsit_srp_group_by_id(unsigned int id);
const struct iscsit_srp_group *iscsit_srp_group_by_name(const char *name,
							size_t len);
void iscsit_srp_group_add(const struct iscsit_srp_group *group, const u8 *x,
			  u8 *sum);
bool iscsit_srp_group_contains(const struct iscsit_srp_group *group,
			       const u8 *value, size_t len);

/* srp/text.c: key=value text, RFC 7143, section 6.1 */

/**
 * struct iscsit_srp_pair - One key=value pair of a login's text
 * @key: not terminated
 * @value: not terminated
 * @key_len: octets of @key
 * @value_len: octets of @value
 */
struct iscsit_srp_pair {
	const char *key;
	const char *value;
	size_t key_len;
	size_t value_len;
};

int iscsit_srp_next_pair(const char **pos, const char *end,
			 struct iscsit_srp_pair *pair);
bool iscsit_srp_pair_is(const struct iscsit_srp_pair *pair, const char *key);
int iscsit_srp_decode(const char *value, size_t len, u8 *dst, size_t size);
int iscsit_srp_put_text(char *buf, size_t size, size_t *used, const char *key,
			const char *value);
int iscsit_srp_put_binary(char *buf, size_t size, size_t *used,
			  const char *key, const u8 *value, size_t len);

/* srp/proof.c: what the kernel computes itself, RFC 2945 */
const u8 *iscsit_srp_minimal(const u8 *value, size_t *len);
u32 iscsit_srp_u(const u8 *B, size_t B_len);
void iscsit_srp_interleave(const u8 *S, size_t S_len,
			   u8 K[ISCSIT_SRP_KEY_LEN]);

/**
 * struct iscsit_srp_transcript - What both proofs cover
 * @group: the negotiated group
 * @U: SRP_U as sent
 * @s: SRP_s as sent
 * @A: SRP_A without leading zero octets
 * @B: SRP_B without leading zero octets
 * @K: session key, ISCSIT_SRP_KEY_LEN octets
 * @U_len: octets of @U
 * @s_len: octets of @s
 * @u: SRP's scrambling parameter, the first octets of SHA-1 of @B
 * @A_len: octets of @A
 * @B_len: octets of @B
 */
struct iscsit_srp_transcript {
	const struct iscsit_srp_group *group;
	const u8 *U;
	const u8 *s;
	const u8 *A;
	const u8 *B;
	const u8 *K;
	size_t U_len;
	size_t s_len;
	size_t A_len;
	size_t B_len;
};

void iscsit_srp_M(const struct iscsit_srp_transcript *t,
		  u8 M[SHA1_DIGEST_SIZE]);
void iscsit_srp_HM(const struct iscsit_srp_transcript *t,
		   const u8 M[SHA1_DIGEST_SIZE], u8 HM[SHA1_DIGEST_SIZE]);

/* srp/cred.c: user, salt and verifiers, as configfs stores them */

/**
 * struct iscsit_srp_cred - Credentials of one scope, immutable once published
 * @ref: a login holds a reference: that is its snapshot
 * @userid_len: octets of @userid, 0: not set
 * @salt_len: octets of @salt, 0: not set
 * @userid: U
 * @salt: s; NULL: not set
 * @verifier: v by group id; big-endian, as long as the group's N; NULL: not set
 */
struct iscsit_srp_cred {
	struct kref ref;
	u16 userid_len;
	u16 salt_len;
	u8 userid[ISCSIT_SRP_USERID_MAX];
	u8 *salt;
	u8 *verifier[ISCSI_SRP_GROUP_MAX + 1];
};

/* What an iscsit_srp_cred_store() or _show() is about; above: a group's id */
#define ISCSIT_SRP_CRED_USERID	(ISCSI_SRP_GROUP_MAX + 1)
#define ISCSIT_SRP_CRED_SALT	(ISCSI_SRP_GROUP_MAX + 2)
#define ISCSIT_SRP_CRED_FIELDS	(ISCSI_SRP_GROUP_MAX + 3)

struct iscsit_srp_cred *iscsit_srp_cred_get(struct iscsi_node_auth *auth);
void iscsit_srp_cred_put(struct iscsit_srp_cred *cred);
bool iscsit_srp_is_utf8(const u8 *s, size_t len);
ssize_t iscsit_srp_cred_format(const struct iscsit_srp_cred *cred,
			       unsigned int field, char *page);
struct iscsit_srp_cred *iscsit_srp_cred_alter(const struct iscsit_srp_cred *old,
					      unsigned int field,
					      const char *page, size_t count);
bool iscsit_srp_cred_has_group(const struct iscsit_srp_cred *cred,
			       unsigned int min_group);
ssize_t iscsit_srp_cred_show(struct iscsi_node_auth *auth, unsigned int field,
			     char *page);
ssize_t iscsit_srp_cred_store(struct iscsi_node_auth *auth, unsigned int field,
			      const char *page, size_t count);
int iscsit_srp_cred_set_min_group(struct iscsit_srp_scope *scope,
				  unsigned int min_group);
void iscsit_srp_cred_forget(struct iscsit_srp_scope *scope);
struct iscsit_srp_cred *iscsit_srp_cred_decoy(const struct iscsit_srp_cred *like,
					      const u8 *userid,
					      size_t userid_len);

/* srp/configfs.c: their files, by field; there is none for 0 */
extern struct configfs_attribute iscsit_srp_nacl_attrs[ISCSIT_SRP_CRED_FIELDS];
extern struct configfs_attribute iscsit_srp_tpg_attrs[ISCSIT_SRP_CRED_FIELDS];
extern struct configfs_attribute iscsit_srp_disc_attrs[ISCSIT_SRP_CRED_FIELDS];

/* srp/users.c: a target's table of users */

/* What iscsit_srp_user_show() and _store() are about, beside a cred's fields */
#define ISCSIT_SRP_USER_ENABLED		(ISCSIT_SRP_CRED_FIELDS + 0)
#define ISCSIT_SRP_USER_EXPIRES		(ISCSIT_SRP_CRED_FIELDS + 1)
#define ISCSIT_SRP_USER_NOTE		(ISCSIT_SRP_CRED_FIELDS + 2)
#define ISCSIT_SRP_USER_INITIATORS	(ISCSIT_SRP_CRED_FIELDS + 3)
#define ISCSIT_SRP_USER_TPGT		(ISCSIT_SRP_CRED_FIELDS + 4)
#define ISCSIT_SRP_USER_FIELDS		(ISCSIT_SRP_CRED_FIELDS + 5)

/* Logins that a table remembers; a power of two */
#define ISCSIT_SRP_HINTS	1024

/**
 * struct iscsit_srp_hint - How an initiator's last login of a user went
 * @who: hash of initiator, user and address; 0: unused
 * @worked: hash of the last success's credential, or 0
 * @failed: hash of the credential of a failure since, or 0
 * @when: jiffies of the failure
 * @over: the initiator has had its second try as well
 */
struct iscsit_srp_hint {
	u64 who;
	u64 worked;
	u64 failed;
	unsigned long when;
	bool over;
};

/**
 * struct iscsit_srp_users - A target's table of users
 * @group: its directory
 * @tiqn: the target, or NULL
 * @lock: protects all below and every entry
 * @by_userid: entries that have a userid
 * @entries: all of them, oldest first
 * @doubled: entries whose userid an older one has as well
 * @made: number of entries that were ever made
 * @model: an entry that is of use in a login; what made-up credentials are like
 * @secret: key of the hashes in @hints
 * @hints: ISCSIT_SRP_HINTS of them; NULL as long as there was no entry
 */
struct iscsit_srp_users {
	struct config_group group;
	struct iscsi_tiqn *tiqn;
	struct mutex lock;		/* all below, and the entries */
	struct rhltable by_userid;
	struct list_head entries;
	unsigned int doubled;
	u32 made;
	struct iscsit_srp_user *model;
	siphash_key_t secret;
	struct iscsit_srp_hint *hints;
};

/**
 * struct iscsit_srp_user - An entry of a table of users
 * @item: its directory
 * @users: the table
 * @label: its name there
 * @linked: @node is in @users->by_userid
 * @node: there
 * @entry: in @users->entries
 * @order: later ones have larger ones
 * @enabled: it may log in
 * @expires: from then on it may not, in seconds since 1970; 0: never
 * @note: text, or NULL
 * @initiators: the only ones it may log in from, a blank between; NULL: any
 * @tpgts: the only portal groups it may log in to; NULL: any
 * @nr_tpgts: number of @tpgts
 * @cred: user, salt and verifiers, or NULL
 */
struct iscsit_srp_user {
	struct config_item item;
	struct iscsit_srp_users *users;
	const char *label;
	bool linked;
	struct rhlist_head node;
	struct list_head entry;
	u32 order;
	bool enabled;
	time64_t expires;
	char *note;
	char *initiators;
	u16 *tpgts;
	unsigned int nr_tpgts;
	struct iscsit_srp_cred *cred;
};

/**
 * struct iscsit_srp_peer - Who logs in, and where
 * @users: the target's table, or NULL
 * @initiator: InitiatorName
 * @addr: its address
 * @tpgt: tag of the portal group
 * @acl: it has an ACL of its own
 */
struct iscsit_srp_peer {
	struct iscsit_srp_users *users;
	const char *initiator;
	const struct sockaddr_storage *addr;
	u16 tpgt;
	bool acl;
};

/**
 * struct iscsit_srp_pick - The credential that a login tries
 * @users: the table, or NULL
 * @cred: the credential, with a reference; NULL: there is none for this user
 * @model: what a made-up credential is like, with a reference, or NULL
 * @label: of the entry in the table, to be freed; NULL: it is not from there
 * @id: hash of the credential, whatever place it has
 * @who: of the hint
 * @retry: if it fails, the initiator may try once more, with another one
 */
struct iscsit_srp_pick {
	struct iscsit_srp_users *users;
	struct iscsit_srp_cred *cred;
	struct iscsit_srp_cred *model;
	char *label;
	u64 id;
	u64 who;
	bool retry;
};

struct iscsit_srp_users *iscsit_srp_users_alloc(void);
void iscsit_srp_users_free(struct iscsit_srp_users *users);
struct iscsit_srp_users *iscsit_srp_users_of(struct iscsi_tiqn *tiqn);
int iscsit_srp_user_add(struct iscsit_srp_users *users,
			struct iscsit_srp_user *user);
void iscsit_srp_user_del(struct iscsit_srp_user *user);
ssize_t iscsit_srp_user_show(struct iscsit_srp_user *user, unsigned int field,
			     char *page);
ssize_t iscsit_srp_user_store(struct iscsit_srp_user *user, unsigned int field,
			      const char *page, size_t count);
int iscsit_srp_users_pick(const struct iscsit_srp_peer *peer,
			  struct iscsit_srp_cred *scope, unsigned int min_group,
			  const u8 *userid, size_t userid_len,
			  struct iscsit_srp_pick *pick);
bool iscsit_srp_pick_failed(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_worked(const struct iscsit_srp_pick *pick);
void iscsit_srp_pick_drop(struct iscsit_srp_pick *pick);

/* srp/users_configfs.c: its directories and files */
#ifdef CONFIG_ISCSI_TARGET_SRP
void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn);
#else
static inline void iscsit_srp_users_add_group(struct iscsi_tiqn *tiqn) { }
#endif

/* srp/queue.c: jobs between logins and workers */

struct iscsit_srp_channel;

enum iscsit_srp_priority {
	ISCSIT_SRP_PRIO_URGENT,		/* somebody waits for it */
	ISCSIT_SRP_PRIO_NORMAL,		/* somebody will */
	ISCSIT_SRP_PRIO_IDLE,		/* for workers with nothing else to do */
	ISCSIT_SRP_PRIOS
};

enum iscsit_srp_job_state {
	ISCSIT_SRP_JOB_NEW,
	ISCSIT_SRP_JOB_QUEUED,		/* waits for a worker */
	ISCSIT_SRP_JOB_RUNNING,		/* a worker has it */
	ISCSIT_SRP_JOB_DONE,		/* @error and the result are final */
};

/**
 * struct iscsit_srp_queue - Jobs that wait for a worker, or have one
 * @lock: protects all members but @limit, and the state of every job here
 * @jobs: QUEUED jobs by priority, oldest first
 * @running: RUNNING jobs
 * @wait: workers that wait for a job
 * @queued: number of @jobs
 * @idle: those of @queued of the priority ISCSIT_SRP_PRIO_IDLE
 * @pending: number of @jobs and of @running, but for those of that priority
 * @pending_max: the most @pending that there ever were
 * @limit: submit refuses beyond so many @pending
 * @last_id: id of the job submitted last
 * @stopping: no more jobs, workers leave
 * @need_worker: called, without @lock, whenever a job has been queued; may be
 *	NULL
 * @channel: whom @need_worker is about
 */
struct iscsit_srp_queue {
	spinlock_t lock;		/* all but @limit */
	struct list_head jobs[ISCSIT_SRP_PRIOS];
	struct list_head running;
	wait_queue_head_t wait;
	unsigned int queued;
	unsigned int idle;
	unsigned int pending;
	unsigned int pending_max;
	unsigned int limit;
	u64 last_id;
	bool stopping;
	void (*need_worker)(struct iscsit_srp_queue *queue);
	struct iscsit_srp_channel *channel;
};

/**
 * struct iscsit_srp_job - One exponentiation for a worker
 * @ref: the login's, the queue's, the timer's and the worker's references
 * @queue: set by submit
 * @group: the group, whose length is the result's
 * @node: in one of the queue's lists while QUEUED or RUNNING
 * @state: protected by the queue's lock
 * @priority: who comes first; set before submit
 * @requeued: it has lost a worker already
 * @error: 0, or why there is no result; valid once @done
 * @timer: fails the job at its deadline
 * @submitted: when it was
 * @done: completed when DONE
 * @result_len: octets of @result, the group's length; 0 with an @error
 * @result: B or S, big-endian, padded to the group's length; valid once @done
 * @msg: what the worker reads; secret; v and b are wiped when DONE
 */
struct iscsit_srp_job {
	struct kref ref;
	struct iscsit_srp_queue *queue;
	const struct iscsit_srp_group *group;
	struct list_head node;
	enum iscsit_srp_job_state state;
	enum iscsit_srp_priority priority;
	bool requeued;
	int error;
	struct timer_list timer;
	ktime_t submitted;
	struct completion done;
	u16 result_len;
	u8 result[ISCSI_SRP_MAX_LEN];
	struct iscsi_srp_job msg;
};

void iscsit_srp_queue_init(struct iscsit_srp_queue *queue, unsigned int limit);
void iscsit_srp_queue_stop(struct iscsit_srp_queue *queue);
void iscsit_srp_queue_fail(struct iscsit_srp_queue *queue, int error);
struct iscsit_srp_job *iscsit_srp_queue_pop(struct iscsit_srp_queue *queue,
					    long timeout);
struct iscsit_srp_job *iscsit_srp_job_alloc(enum iscsi_srp_op op,
					    const struct iscsit_srp_group *group);
void iscsit_srp_job_put(struct iscsit_srp_job *job);
int iscsit_srp_job_submit(struct iscsit_srp_queue *queue,
			  struct iscsit_srp_job *job, unsigned long deadline);
bool iscsit_srp_job_cancel(struct iscsit_srp_job *job);
void iscsit_srp_job_expedite(struct iscsit_srp_job *job);
int iscsit_srp_job_read(struct iscsit_srp_job *job, struct iscsi_srp_job *msg);
int iscsit_srp_job_complete(struct iscsit_srp_job *job,
			    const struct iscsi_srp_result *result, size_t len);
void iscsit_srp_job_requeue(struct iscsit_srp_job *job);

/* srp/powers.c: powers g^b made in advance */

/**
 * struct iscsit_srp_pool - Powers g^b that no login has taken yet
 * @lock: protects all members below
 * @powers: by group id
 * @nr: number of @powers and of those being made, by group id
 * @in_use: logins use the group, by group id
 * @flushes: number of times that the pool was flushed
 * @logins: exchanges under way, during which no powers are made
 * @stopping: no more are made
 * @work: makes more
 * @queue: where the jobs go
 */
struct iscsit_srp_pool {
	spinlock_t lock;		/* all but @work and @queue */
	struct list_head powers[ISCSI_SRP_GROUP_MAX + 1];
	unsigned int nr[ISCSI_SRP_GROUP_MAX + 1];
	bool in_use[ISCSI_SRP_GROUP_MAX + 1];
	unsigned int flushes;
	unsigned int logins;
	bool stopping;
	struct delayed_work work;
	struct iscsit_srp_queue *queue;
};

extern struct iscsit_srp_pool iscsit_srp_pool;	/* the target's own */
void iscsit_srp_pool_init(struct iscsit_srp_pool *pool,
			  struct iscsit_srp_queue *queue);
void iscsit_srp_pool_stop(struct iscsit_srp_pool *pool);
void iscsit_srp_pool_login(struct iscsit_srp_pool *pool, int change);
void iscsit_srp_pool_want(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group);
bool iscsit_srp_pool_take(struct iscsit_srp_pool *pool,
			  const struct iscsit_srp_group *group,
			  u8 b[ISCSIT_SRP_B_LEN], u8 *power);
void iscsit_srp_pool_flush(struct iscsit_srp_pool *pool);

/* srp/key.c: the key type that is a worker's channel */

/* So many starts may hang at once before no other is tried */
#define ISCSIT_SRP_STARTS	4

/**
 * struct iscsit_srp_start - One start of the helper
 * @work: waits for it
 * @channel: what it is for
 * @running: @work is queued or runs
 * @since: jiffies when it became @running
 */
struct iscsit_srp_start {
	struct work_struct work;
	struct iscsit_srp_channel *channel;
	bool running;
	unsigned long since;
};

/**
 * struct iscsit_srp_channel - The workers of a queue
 * @queue: where their jobs come from
 * @cred: credentials that only we have; its thread keyring is ".iscsi_srp"
 * @wq: where helpers are started
 * @lock: protects the members below and the state of every worker; the queue's
 *	lock is never taken within
 * @stopping: workers leave, none is started
 * @pool: wiped when a worker dies; may be NULL
 * @max_workers: none is started beyond so many @live ones
 * @users: scopes that have credentials
 * @workers: all of them
 * @live: those that wait for a job or come back in time
 * @busy: those of @live that hold a job
 * @started: starts of the helper that succeeded
 * @lost: workers that did not come back in time, or died with a job in hand
 * @start: starts of the helper
 */
struct iscsit_srp_channel {
	struct iscsit_srp_queue *queue;
	const struct cred *cred;
	struct workqueue_struct *wq;
	spinlock_t lock;		/* all below */
	bool stopping;
	struct iscsit_srp_pool *pool;
	unsigned int max_workers;
	atomic_t users;
	unsigned int workers;
	unsigned int live;
	unsigned int busy;
	unsigned int started;
	unsigned int lost;
	struct iscsit_srp_start start[ISCSIT_SRP_STARTS];
};

/**
 * struct iscsit_srp_key_stats - The target's own queue and its workers
 * @depth: jobs of logins that wait or run
 * @depth_max: the most that there ever were
 * @workers: workers that there are
 * @started: starts of the helper that succeeded
 * @lost: workers that did not come back in time, or died with a job in hand
 */
struct iscsit_srp_key_stats {
	unsigned int depth;
	unsigned int depth_max;
	unsigned int workers;
	unsigned int started;
	unsigned int lost;
};

extern struct iscsit_srp_queue iscsit_srp_queue;	/* the target's own */
void iscsit_srp_key_stats(struct iscsit_srp_key_stats *stats);
void iscsit_srp_key_use(int change);
/* iscsit_srp_key_init() and iscsit_srp_key_exit() are below, with their stubs */

#if IS_ENABLED(CONFIG_KUNIT)
struct iscsit_srp_worker;

extern struct key_type iscsit_srp_key_type;
void iscsit_srp_channel_init(struct iscsit_srp_channel *channel,
			     struct iscsit_srp_queue *queue, work_func_t start);
struct iscsit_srp_worker *
iscsit_srp_worker_alloc(struct iscsit_srp_channel *channel, const void *hello,
			size_t len);
void iscsit_srp_start_done(struct iscsit_srp_start *start, int error);
#endif

/* srp/policy.c: which logins a scope allows */

#define ISCSIT_SRP_SCOPES	2	/* portal group and ACL, or discovery */

/**
 * struct iscsit_srp_policy - What holds for a login
 * @min_group: id of the weakest group that is offered, 0: none is too weak
 * @mutual_required: TargetAuth must be Yes
 * @only: no AuthMethod but SRP
 */
struct iscsit_srp_policy {
	unsigned int min_group;
	bool mutual_required;
	bool only;
};

/* What an iscsit_srp_policy_store() or _show() is about */
enum iscsit_srp_policy_field {
	ISCSIT_SRP_POLICY_MIN_GROUP,
	ISCSIT_SRP_POLICY_MUTUAL_REQUIRED,
	ISCSIT_SRP_POLICY_ONLY,
	ISCSIT_SRP_POLICY_FIELDS
};

unsigned int iscsit_srp_scopes(struct iscsit_conn *conn,
			       struct iscsi_node_auth *auth[ISCSIT_SRP_SCOPES]);
void iscsit_srp_policy_get(struct iscsit_conn *conn,
			   struct iscsit_srp_policy *policy);
ssize_t iscsit_srp_policy_show(struct iscsi_node_auth *auth,
			       enum iscsit_srp_policy_field field, char *page);
ssize_t iscsit_srp_policy_store(struct iscsi_node_auth *auth,
				struct iscsi_portal_group *tpg,
				enum iscsit_srp_policy_field field,
				const char *page, size_t count);
bool iscsit_srp_methods_have_srp(const char *methods);

/* srp/outcome.c: what became of logins, for each scope */

/* Reasons why a login fails are among them; below: logins by group's id */
enum iscsit_srp_stat {
	ISCSIT_SRP_STAT_LOGINS_SRP = ISCSI_SRP_GROUP_MAX + 1,
	ISCSIT_SRP_STAT_LOGINS_CHAP,
	ISCSIT_SRP_STAT_LOGINS_NONE,
	ISCSIT_SRP_STAT_METHOD,		/* none in common, or none gone through */
	ISCSIT_SRP_STAT_PASSWORD,	/* SRP_M or CHAP_R is wrong */
	ISCSIT_SRP_STAT_USER,		/* SRP_U is not known */
	ISCSIT_SRP_STAT_POLICY,		/* a struct iscsit_srp_policy forbids it */
	ISCSIT_SRP_STAT_ACL,		/* the initiator has none */
	ISCSIT_SRP_STAT_PROTOCOL,	/* the initiator did not keep to it */
	ISCSIT_SRP_STAT_HELPER,		/* none, or it failed, or was late */
	ISCSIT_SRP_STAT_RESOURCES,	/* the queue is full, or no memory */
	ISCSIT_SRP_STAT_ABORTED,	/* the initiator left, or took too long */
	ISCSIT_SRP_STAT_OTHER,
	ISCSIT_SRP_STAT_WAIT,		/* microseconds of waits for the helper */
	ISCSIT_SRP_STATS
};

void iscsit_srp_count(struct iscsit_conn *conn, enum iscsit_srp_stat stat,
		      unsigned long n);
enum iscsit_srp_stat iscsit_srp_failure(u8 status_class, u8 status_detail,
					bool chap);
ssize_t iscsit_srp_stat_show(struct iscsi_node_auth *auth, unsigned int stat,
			     char *page);

/* srp/scope.c: what SRP keeps for an ACL, a portal group, discovery */

/**
 * struct iscsit_srp_scope - State of one scope
 * @ref: the owner's reference, and one of everybody who looks at it
 * @rcu: for its end
 * @cred: user, salt and verifiers, or NULL; belongs to srp/cred.c
 * @min_group: id of the weakest group, 0: the scope has no minimum of its own
 * @mutual_required: TargetAuth must be Yes
 * @only: no AuthMethod but SRP
 * @stats: counters, by enum iscsit_srp_stat
 */
struct iscsit_srp_scope {
	struct kref ref;
	struct rcu_head rcu;
	struct iscsit_srp_cred *cred;
	u8 min_group;
	bool mutual_required;
	bool only;
	atomic_long_t stats[ISCSIT_SRP_STATS];
};

struct iscsit_srp_scope *iscsit_srp_scope_get(const struct iscsi_node_auth *auth);
void iscsit_srp_scope_put(struct iscsit_srp_scope *scope);

#ifdef CONFIG_ISCSI_TARGET_SRP
int iscsit_srp_scope_init(struct iscsi_node_auth *auth);
void iscsit_srp_scope_forget(struct iscsi_node_auth *auth);
#else
static inline int iscsit_srp_scope_init(struct iscsi_node_auth *auth)
{
	return 0;
}

static inline void iscsit_srp_scope_forget(struct iscsi_node_auth *auth) { }
#endif

/* srp/policy_configfs.c: their files */
extern struct configfs_attribute iscsit_srp_nacl_policy[];
extern struct configfs_attribute iscsit_srp_tpg_policy[];
extern struct configfs_attribute iscsit_srp_disc_policy[];
extern struct configfs_attribute iscsit_srp_nacl_stats[];
extern struct configfs_attribute iscsit_srp_tpg_stats[];
extern struct configfs_attribute iscsit_srp_disc_stats[];
extern struct configfs_attribute iscsit_srp_helper_stats[];

/* srp/audit.c: records for the kernel's audit subsystem */

/**
 * struct iscsit_srp_event - A login that was authenticated, or failed
 * @initiator: its name, as it sent it
 * @addr: where it came from
 * @target: the target's name, or NULL for discovery
 * @method: the AuthMethod, or NULL if none was agreed on
 * @user: SRP_U, or NULL
 * @user_len: octets of @user
 * @group: the group's name, or NULL
 * @why: why it failed, or NULL
 */
struct iscsit_srp_event {
	const char *initiator;
	const struct sockaddr_storage *addr;
	const char *target;
	const char *method;
	const u8 *user;
	size_t user_len;
	const char *group;
	const char *why;
};

int iscsit_srp_audit_text(const u8 *text, size_t len, char *buf, size_t size);
void iscsit_srp_audit(const struct iscsit_srp_event *event);

/* srp/exchange.c: the exchange, step by step */

/* The step that is due next */
enum iscsit_srp_login_step {
	ISCSIT_SRP_STEP_U,		/* SRP_U, TargetAuth */
	ISCSIT_SRP_STEP_A,		/* SRP_A, SRP_GROUP */
	ISCSIT_SRP_STEP_M,		/* SRP_M */
	ISCSIT_SRP_STEP_DONE,
	ISCSIT_SRP_STEP_REJECTED,
};

/**
 * struct iscsit_srp - One SRP exchange of one connection
 * @step: the step that is due
 * @target_proposed: AuthMethod was our offer, so its answer comes with SRP_U
 * @mutual: TargetAuth=Yes
 * @known: @cred is a real user's, not made up
 * @status_class: Login Status Class of a rejection
 * @status_detail: Login Status Detail of a rejection
 * @reason: of a rejection, for the statistics
 * @why: reason of a rejection, for the log
 * @queue: where the jobs go
 * @pool: where a ready g^b may be; NULL: nowhere
 * @peer: who logs in, and where; zeroed if there is no table of users
 * @pick: which of the user's credentials it was, and what follows from that
 * @cred: snapshot of the credentials
 * @min_group: id of the weakest group that is offered
 * @mutual_required: the initiator must ask for TargetAuth
 * @user_len: octets of @user, 0: SRP_U has not come
 * @wait_us: microseconds that were waited for the helper
 * @offered: groups in SRP_GROUP
 * @nr_offered: number of @offered
 * @group: group of @ephemeral or, once A has come, of the exchange
 * @power_ready: @b and @B are from the pool, @B is g^b yet
 * @ephemeral: job for B, if it is not
 * @session: job for S
 * @gone: tells, during a wait, that nobody waits for the answer; may be NULL
 * @gone_arg: argument of @gone
 * @u: SRP's scrambling parameter, the first octets of SHA-1 of @B
 * @A_len: octets of @A
 * @B_len: octets of @B
 * @user: SRP_U
 * @b: our secret exponent
 * @A: SRP_A without leading zero octets
 * @B: SRP_B without leading zero octets
 */
struct iscsit_srp {
	enum iscsit_srp_login_step step;
	bool target_proposed;
	bool mutual;
	bool known;
	u8 status_class;
	u8 status_detail;
	enum iscsit_srp_stat reason;
	const char *why;
	struct iscsit_srp_queue *queue;
	struct iscsit_srp_pool *pool;
	struct iscsit_srp_peer peer;
	struct iscsit_srp_pick pick;
	struct iscsit_srp_cred *cred;
	unsigned int min_group;
	bool mutual_required;
	u8 user_len;
	s64 wait_us;
	const struct iscsit_srp_group *offered[ISCSI_SRP_GROUP_MAX];
	unsigned int nr_offered;
	const struct iscsit_srp_group *group;
	bool power_ready;
	struct iscsit_srp_job *ephemeral;
	struct iscsit_srp_job *session;
	bool (*gone)(void *arg);
	void *gone_arg;
	u32 u;
	u16 A_len;
	u16 B_len;
	u8 user[ISCSIT_SRP_USERID_MAX];
	u8 b[ISCSIT_SRP_B_LEN];
	u8 A[ISCSI_SRP_MAX_LEN];
	u8 B[ISCSI_SRP_MAX_LEN];
};

struct iscsit_srp *iscsit_srp_alloc(struct iscsit_srp_queue *queue,
				    struct iscsit_srp_cred *cred);
void iscsit_srp_free(struct iscsit_srp *srp);
int iscsit_srp_step(struct iscsit_srp *srp, const char *text, size_t len,
		    char *rsp, size_t rsp_size, size_t *rsp_len);
void iscsit_srp_sent(struct iscsit_srp *srp);

/* srp/login.c: the exchange within a connection's login */

/**
 * struct iscsit_srp_conn - What hangs on a connection's auth_protocol
 * @srp: the exchange
 * @text: text that came with the C bit set, to be continued
 * @text_len: octets of @text
 * @step: step of the request that is being answered
 * @began: when its handling began
 * @over: it was the last one
 */
struct iscsit_srp_conn {
	struct iscsit_srp *srp;
	char *text;
	size_t text_len;
	enum iscsit_srp_login_step step;
	ktime_t began;
	bool over;
};

/* What iscsit_srp_login() returns to iscsi_target_do_authentication() */
#define ISCSIT_AUTH_MORE	0
#define ISCSIT_AUTH_OK		1
#define ISCSIT_AUTH_FAILED	2	/* the caller rejects the login */
#define ISCSIT_AUTH_REJECTED	3	/* the login has been rejected */

#ifdef CONFIG_ISCSI_TARGET_SRP
bool iscsit_srp_only(struct iscsit_conn *conn);
int iscsit_srp_limit_methods(struct iscsit_conn *conn);
int iscsit_srp_check_methods(struct iscsi_node_auth *auth, const char *name,
			     const char *value);
void iscsit_srp_login_rejected(struct iscsit_conn *conn, u8 status_class,
			       u8 status_detail);
void iscsit_srp_login_aborted(struct iscsit_conn *conn);
void iscsit_srp_login_done(struct iscsit_conn *conn);
void iscsit_srp_authenticated(struct iscsit_conn *conn);
int iscsit_srp_login(struct iscsit_conn *conn, struct iscsi_node_auth *auth);
void iscsit_srp_login_sent(struct iscsit_conn *conn);
void iscsit_srp_login_free(struct iscsit_conn *conn);
int iscsit_srp_set_discovery_methods(struct iscsit_conn *conn);
int iscsit_srp_key_init(void);
void iscsit_srp_key_exit(void);
#else
static inline bool iscsit_srp_only(struct iscsit_conn *conn)
{
	return false;
}

static inline int iscsit_srp_limit_methods(struct iscsit_conn *conn)
{
	return 0;
}

static inline int iscsit_srp_check_methods(struct iscsi_node_auth *auth,
					   const char *name, const char *value)
{
	return 0;
}

static inline void iscsit_srp_login_rejected(struct iscsit_conn *conn,
					     u8 status_class, u8 status_detail)
{
}

static inline void iscsit_srp_login_aborted(struct iscsit_conn *conn) { }
static inline void iscsit_srp_login_done(struct iscsit_conn *conn) { }

static inline int iscsit_srp_login(struct iscsit_conn *conn,
				   struct iscsi_node_auth *auth)
{
	return ISCSIT_AUTH_FAILED;
}

static inline void iscsit_srp_login_sent(struct iscsit_conn *conn) { }
static inline void iscsit_srp_login_free(struct iscsit_conn *conn) { }

static inline int iscsit_srp_set_discovery_methods(struct iscsit_conn *conn)
{
	return 0;
}

static inline int iscsit_srp_key_init(void)
{
	return 0;
}

static inline void iscsit_srp_key_exit(void) { }
#endif

#endif /* ISCSI_TARGET_SRP_H */
