/*
 * The C library for QuickJS: interface `Libc` of src/runtime/runtime.ts, one function a call.
 *
 * Every call is a row of CALLS: its name, what its arguments are, what it does. `invoke` checks the arguments by the
 * row, runs the call, and answers its result or -errno. Nothing here holds, copies or frees an engine value: the
 * header's inlines for that differ between engine versions, and a module without them fits all of them.
 */
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#define _TIME_BITS 64
#include "calls.h"
#ifdef __GLIBC__
#include <malloc.h>
#endif
#include "quickjs.h"

#ifndef SOL_NETLINK
#define SOL_NETLINK 270
#endif
#ifndef SOL_PACKET
#define SOL_PACKET 263
#endif

#define COUNT(array) ((int)(sizeof(array) / sizeof((array)[0])))

#define N(k) ((int)a->n[k])
#define S(k) (a->s[k])
#define P(k) (a->p[k])
#define L(k) (a->l[k])

/* Arguments: i integer, s string, b buffer with offset and length, B whole buffer. */
#define CALLS(ROW) \
	ROW(socket, "iii", socket(N(0), N(1) | SOCK_CLOEXEC, N(2))) \
	ROW(socketpair, "iiB", do_socketpair_out(a)) \
	ROW(bind, "ib", bind(N(0), (struct sockaddr *)P(0), L(0))) \
	ROW(connect, "ib", connect(N(0), (struct sockaddr *)P(0), L(0))) \
	ROW(listen, "ii", listen(N(0), N(1))) \
	ROW(accept, "i", accept4(N(0), NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) \
	ROW(getsockname, "ib", do_getsockname_out(a)) \
	ROW(setsockopt, "iiib", setsockopt(N(0), N(1), N(2), P(0), L(0))) \
	ROW(getsockopt, "iiib", do_getsockopt_out(a)) \
	ROW(attachFilter, "iBi", do_attach_filter(a)) \
	ROW(send, "ibi", send(N(0), P(0), L(0), N(1))) \
	ROW(recv, "ibi", recv(N(0), P(0), L(0), N(1))) \
	ROW(sendto, "ibiBi", N(2) < 0 || (size_t)N(2) > L(1) ? refuse(EINVAL) : \
		sendto(N(0), P(0), L(0), N(1), (struct sockaddr *)P(1), N(2))) \
	ROW(recvfrom, "ibiB", do_recvfrom_out(a)) \
	ROW(sendfd, "ibi", do_sendfd(a)) \
	ROW(recvfd, "ibB", do_recvfd(a)) \
	ROW(open, "sii", open(S(0), N(0) | O_CLOEXEC, N(1))) \
	ROW(close, "i", close(N(0))) \
	ROW(read, "ib", read(N(0), P(0), L(0))) \
	ROW(write, "ib", write(N(0), P(0), L(0))) \
	ROW(fsync, "i", fsync(N(0))) \
	ROW(ftruncate, "ii", ftruncate(N(0), a->n[1])) \
	ROW(flock, "ii", flock(N(0), N(1))) \
	ROW(fchmod, "ii", fchmod(N(0), N(1))) \
	ROW(fstat, "iB", do_stat_out(a)) \
	ROW(stat, "sB", do_stat_out(a)) \
	ROW(rename, "ss", rename(S(0), S(1))) \
	/* RENAME_EXCHANGE; musl has no renameat2() */ \
	ROW(exchange, "ss", syscall(SYS_renameat2, AT_FDCWD, S(0), AT_FDCWD, S(1), 2)) \
	ROW(unlink, "s", unlink(S(0))) \
	ROW(mkdir, "si", mkdir(S(0), N(0))) \
	ROW(rmdir, "s", rmdir(S(0))) \
	ROW(mkfifo, "si", mkfifo(S(0), N(0))) \
	ROW(umask, "i", umask(N(0))) \
	ROW(readdir, "sB", do_readdir(a)) \
	ROW(readlink, "sB", readlink(S(0), (char *)P(0), L(0))) \
	ROW(isatty, "i", isatty(N(0))) \
	ROW(epollCreate, "", epoll_create1(EPOLL_CLOEXEC)) \
	ROW(epollSet, "iiii", do_epoll_set(a)) \
	ROW(epollTake, "iB", do_epoll_take(a)) \
	ROW(inotifyInit, "", inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) \
	ROW(inotifyAdd, "isi", inotify_add_watch(N(0), S(0), N(1))) \
	ROW(spawn, "sBiBiiii", do_spawn(a)) \
	ROW(pidfdOpen, "i", syscall(SYS_pidfd_open, N(0), 0)) \
	ROW(kill, "ii", kill(N(0), N(1))) \
	ROW(waitpid, "iB", do_waitpid(a)) \
	ROW(getpid, "", getpid()) \
	ROW(getuid, "", getuid()) \
	ROW(getgid, "", getgid()) \
	ROW(uptime, "", do_uptime()) \
	/* Not of Libc: what quickjs.ts needs for signals and the terminal. */ \
	ROW(signalfd, "ii", do_signalfd(a)) \
	ROW(rawMode, "ii", do_raw_mode(a)) \
	ROW(columns, "i", do_columns(a))

#define DEFINE(name, kinds, expression) \
	static int64_t call_##name(const struct arguments *a) { (void)a; return expression; }
CALLS(DEFINE)

#define LIST(name, kinds, expression) { #name, kinds, call_##name },
static const struct {
	const char *name;
	const char *kinds;
	int64_t (*run)(const struct arguments *a);
} calls[] = { CALLS(LIST) };

/* A whole number that fits int32 or uint32 (flags may have the top bit set). ftruncate's length lives within that too. */
static int take_integer(JSContext *ctx, JSValueConst value, int64_t *out)
{
	double number;

	if (!(JS_IsNumber(value) || JS_IsBool(value)) || JS_ToFloat64(ctx, &number, value) < 0)
		return EINVAL;
	if (!(number >= INT32_MIN && number <= UINT32_MAX) || number != (int64_t)number)
		return EINVAL;
	*out = (int64_t)number;
	return 0;
}

static int take_string(JSContext *ctx, JSValueConst value, const char **out)
{
	size_t length;

	*out = JS_IsString(value) ? JS_ToCStringLen(ctx, &length, value) : NULL;
	return *out && strlen(*out) == length ? 0 : EINVAL;
}

/* From `offset` on, `length` bytes of the buffer that *p and *l already are. */
static int take_part(JSContext *ctx, JSValueConst *offset_length, uint8_t **p, size_t *l)
{
	int64_t offset, length;

	if (take_integer(ctx, offset_length[0], &offset) || take_integer(ctx, offset_length[1], &length))
		return EINVAL;
	if (offset < 0 || length < 0 || (uint64_t)offset + (uint64_t)length > *l)
		return EINVAL;
	*p += offset;
	*l = length;
	return 0;
}

/* EINVAL, 0, or -1 with an exception pending: what should be an ArrayBuffer is not one. */
static int take(JSContext *ctx, const char *kinds, JSValueConst *argv, struct arguments *a)
{
	int n = 0, s = 0, p = 0, failure = 0;

	for (; *kinds && !failure; kinds++, argv++) {
		if (*kinds == 'i') {
			failure = take_integer(ctx, *argv, &a->n[n++]);
		} else if (*kinds == 's') {
			failure = take_string(ctx, *argv, &a->s[s++]);
		} else {
			a->p[p] = JS_GetArrayBuffer(ctx, &a->l[p], *argv);
			failure = a->p[p] ? 0 : -1;
			if (!failure && *kinds == 'b') {
				failure = take_part(ctx, argv + 1, &a->p[p], &a->l[p]);
				argv += 2;
			}
			p++;
		}
	}
	return failure;
}

#define MOST_ARGUMENTS 8 /* spawn; the engine fills what is not given with undefined */

static JSValue invoke(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv, int row)
{
	struct arguments a = { .s = { NULL, NULL } };
	int failure = take(ctx, calls[row].kinds, argv, &a);
	int64_t result = -failure;
	int i;

	(void)this;
	(void)argc;
	if (!failure) {
		result = calls[row].run(&a);
		if (result == -1)
			result = -errno;
	}
	for (i = 0; i < COUNT(a.s); i++)
		if (a.s[i])
			JS_FreeCString(ctx, a.s[i]);
	return failure < 0 ? JS_EXCEPTION : JS_NewInt64(ctx, result);
}

static JSValue text_of_errno(JSContext *ctx, JSValueConst this, int argc, JSValueConst *argv)
{
	int64_t number = 0;

	(void)this;
	(void)argc;
	take_integer(ctx, argv[0], &number);
	return JS_NewString(ctx, strerror(number));
}

#define VALUE(name) JS_PROP_INT32_DEF(#name, name, JS_PROP_ENUMERABLE)

/* `ConstantName` of src/runtime/runtime.ts. */
static const JSCFunctionListEntry constants[] = {
	VALUE(AF_UNIX), VALUE(AF_NETLINK), VALUE(AF_PACKET), VALUE(AF_INET), VALUE(AF_INET6),
	VALUE(SOCK_STREAM), VALUE(SOCK_DGRAM), VALUE(SOCK_RAW), VALUE(SOCK_NONBLOCK), VALUE(SOCK_CLOEXEC),
	VALUE(SOL_SOCKET), VALUE(SO_ERROR), VALUE(SO_RCVBUF), VALUE(SO_RCVBUFFORCE), VALUE(SO_SNDBUF), VALUE(SO_PEERCRED),
	VALUE(SO_ATTACH_FILTER), VALUE(SO_BINDTODEVICE), VALUE(SOL_NETLINK), VALUE(SOL_PACKET),
	VALUE(MSG_DONTWAIT), VALUE(MSG_NOSIGNAL), VALUE(MSG_PEEK), VALUE(MSG_TRUNC),
	VALUE(O_RDONLY), VALUE(O_WRONLY), VALUE(O_RDWR), VALUE(O_CREAT), VALUE(O_EXCL), VALUE(O_TRUNC), VALUE(O_APPEND),
	VALUE(O_NONBLOCK), VALUE(O_CLOEXEC), VALUE(O_DIRECTORY), VALUE(O_NOFOLLOW),
	VALUE(EPOLLIN), VALUE(EPOLLOUT), VALUE(EPOLLERR), VALUE(EPOLLHUP),
	VALUE(IN_MODIFY), VALUE(IN_MOVED_TO), VALUE(IN_CREATE), VALUE(IN_DELETE), VALUE(IN_CLOSE_WRITE),
	VALUE(LOCK_EX), VALUE(LOCK_UN), VALUE(LOCK_NB), VALUE(LOCK_SH),
	VALUE(SIGHUP), VALUE(SIGINT), VALUE(SIGKILL), VALUE(SIGUSR1), VALUE(SIGUSR2), VALUE(SIGTERM), VALUE(SIGCHLD),
	VALUE(EPERM), VALUE(ENOENT), VALUE(ESRCH), VALUE(EINTR), VALUE(EIO), VALUE(EBADF), VALUE(ECHILD), VALUE(EAGAIN),
	VALUE(ENOMEM), VALUE(EACCES), VALUE(EBUSY), VALUE(EEXIST), VALUE(ENODEV), VALUE(ENOTDIR), VALUE(EISDIR),
	VALUE(EINVAL), VALUE(ENFILE), VALUE(EMFILE), VALUE(ENOSPC), VALUE(EPIPE), VALUE(ERANGE), VALUE(ENOSYS),
	VALUE(ENOBUFS), VALUE(EADDRINUSE), VALUE(EADDRNOTAVAIL), VALUE(ENETDOWN), VALUE(ENETUNREACH), VALUE(ECONNRESET),
	VALUE(ECONNREFUSED), VALUE(EINPROGRESS), VALUE(EOPNOTSUPP), VALUE(EAFNOSUPPORT), VALUE(ENOTEMPTY), VALUE(EXDEV),
	VALUE(EROFS), VALUE(ENOTCONN), VALUE(EALREADY), VALUE(ETIMEDOUT),
};

static const JSCFunctionListEntry others[] = {
	JS_OBJECT_DEF("constants", constants, COUNT(constants), JS_PROP_ENUMERABLE),
	JS_CFUNC_DEF("strerror", 1, text_of_errno),
};

static int fill(JSContext *ctx, JSModuleDef *module)
{
	int i;

#ifdef __GLIBC__
	/* What it took to compile the program is free by now; musl gives such memory back by itself. */
	malloc_trim(0);
#endif
	/* A pipe or socket without a reader is EPIPE; children start with the default again. */
	signal(SIGPIPE, SIG_IGN);
	atexit(leave_raw_mode);
	/* QuickJS before May 2025 ends the program at a rejected promise even when `await` is just about to take it. */
	JS_SetHostPromiseRejectionTracker(JS_GetRuntime(ctx), NULL, NULL);
	for (i = 0; i < COUNT(calls); i++) {
		JSValue function = JS_NewCFunctionMagic(ctx, invoke, calls[i].name, MOST_ARGUMENTS, JS_CFUNC_generic_magic, i);

		if (JS_SetModuleExport(ctx, module, calls[i].name, function) < 0)
			return -1;
	}
	return JS_SetModuleExportList(ctx, module, others, COUNT(others));
}

JSModuleDef *js_init_module(JSContext *ctx, const char *name)
{
	JSModuleDef *module = JS_NewCModule(ctx, name, fill);
	int i;

	for (i = 0; module && i < COUNT(calls); i++)
		JS_AddModuleExport(ctx, module, calls[i].name);
	if (module)
		JS_AddModuleExportList(ctx, module, others, COUNT(others));
	return module;
}
