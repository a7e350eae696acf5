/* The calls of libc.c that take more than one line. Each answers -1 with errno set, like the C library's own. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/close_range.h>
#include <linux/filter.h>
#include <linux/netlink.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

/* The arguments of a call by kind, each numbered from 0 in their order: see CALLS in libc.c. */
struct arguments {
	int64_t n[6];
	const char *s[2];
	uint8_t *p[3];
	size_t l[3];
};

static int64_t refuse(int error)
{
	errno = error;
	return -1;
}

static int64_t pair_out(const struct arguments *a, int32_t first, int32_t second)
{
	const int32_t pair[2] = { first, second };

	memcpy(a->p[0], pair, sizeof(pair));
	return 0;
}

static int64_t do_socketpair_out(const struct arguments *a)
{
	int fds[2];

	if (a->l[0] < 8)
		return refuse(EINVAL);
	if (socketpair(a->n[0], a->n[1] | SOCK_CLOEXEC, 0, fds) < 0)
		return -1;
	return pair_out(a, fds[0], fds[1]);
}

static int64_t do_getsockname_out(const struct arguments *a)
{
	socklen_t length = a->l[0];

	return getsockname(a->n[0], (struct sockaddr *)a->p[0], &length) < 0 ? -1 : (int64_t)length;
}

static int64_t do_getsockopt_out(const struct arguments *a)
{
	socklen_t length = a->l[0];

	return getsockopt(a->n[0], a->n[1], a->n[2], a->p[0], &length) < 0 ? -1 : (int64_t)length;
}

static int64_t do_attach_filter(const struct arguments *a)
{
	struct sock_fprog program = { .len = a->n[1], .filter = (struct sock_filter *)a->p[0] };

	if (a->n[1] < 0 || a->n[1] > BPF_MAXINSNS || a->n[1] * sizeof(struct sock_filter) > a->l[0])
		return refuse(EINVAL);
	return setsockopt(a->n[0], SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof(program));
}

static int64_t do_recvfrom_out(const struct arguments *a)
{
	socklen_t length = a->l[1];

	return recvfrom(a->n[0], a->p[0], a->l[0], a->n[1], (struct sockaddr *)a->p[1], &length);
}

/* Room for exactly one descriptor: CMSG_SPACE would let a second one in through the padding, and leak it. */
union control {
	struct cmsghdr header;
	char room[CMSG_SPACE(sizeof(int))];
};

static int64_t do_sendfd(const struct arguments *a)
{
	/* musl has padding in it, where a processor has 64 bits. */
	union control control = { .header = { .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET,
					      .cmsg_type = SCM_RIGHTS } };
	struct iovec data = { a->p[0], a->l[0] };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	int passed = a->n[1];

	memcpy(CMSG_DATA(&control.header), &passed, sizeof(passed));
	return sendmsg(a->n[0], &message, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static int64_t do_recvfd(const struct arguments *a)
{
	union control control = { .header = { 0 } };
	struct iovec data = { a->p[0], a->l[0] };
	struct msghdr message = { .msg_iov = &data, .msg_iovlen = 1, .msg_control = &control,
				  .msg_controllen = CMSG_LEN(sizeof(int)) };
	int32_t passed = -1;
	ssize_t got;

	if (a->l[1] < sizeof(passed))
		return refuse(EINVAL);
	got = recvmsg(a->n[0], &message, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);
	if (got >= 0 && message.msg_controllen >= CMSG_LEN(sizeof(int)) && control.header.cmsg_type == SCM_RIGHTS)
		memcpy(&passed, CMSG_DATA(&control.header), sizeof(passed));
	memcpy(a->p[1], &passed, sizeof(passed));
	return got;
}

static int64_t stat_out(const struct arguments *a, int result, const struct stat *st)
{
	const double fields[5] = { st->st_mode, st->st_size, st->st_mtime, st->st_ino, st->st_uid };

	if (result < 0)
		return -1;
	memcpy(a->p[0], fields, sizeof(fields));
	return 0;
}

static int64_t do_stat_out(const struct arguments *a)
{
	struct stat st = { 0 };

	if (a->l[0] < 5 * sizeof(double))
		return refuse(EINVAL);
	return stat_out(a, a->s[0] ? stat(a->s[0], &st) : fstat(a->n[0], &st), &st);
}

static int64_t do_readdir(const struct arguments *a)
{
	DIR *directory = opendir(a->s[0]);
	struct dirent *entry;
	size_t used = 0;
	int failure = 0;

	if (!directory)
		return -1;
	while (!failure && (errno = 0, entry = readdir(directory))) {
		size_t size = strlen(entry->d_name) + 1;

		if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, ".."))
			continue;
		if (size > a->l[0] - used)
			failure = ERANGE;
		else
			memcpy(a->p[0] + used, entry->d_name, size);
		used += failure ? 0 : size;
	}
	failure = failure ? failure : errno;
	closedir(directory);
	return failure ? refuse(failure) : (int64_t)used;
}

static int64_t do_epoll_set(const struct arguments *a)
{
	struct epoll_event event = { .events = a->n[2], .data.fd = a->n[1] };

	return epoll_ctl(a->n[0], a->n[2] == 0 ? EPOLL_CTL_DEL : a->n[3] ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, a->n[1], &event);
}

static int64_t do_epoll_take(const struct arguments *a)
{
	struct epoll_event ready[64];
	size_t room = a->l[0] / 8;
	int i, pairs = epoll_wait(a->n[0], ready, room < 64 ? room : 64, 0);

	for (i = 0; i < pairs; i++) {
		const int32_t pair[2] = { ready[i].data.fd, ready[i].events };

		memcpy(a->p[0] + 8 * i, pair, sizeof(pair));
	}
	return pairs;
}

/* Pointers to the NUL-terminated strings that fill `length` bytes, and a null one; to be freed. */
static char **strings(uint8_t *bytes, size_t length)
{
	size_t i, count = 0;
	char **list;

	for (i = 0; i < length; i++)
		count += bytes[i] == 0;
	list = calloc(count + 1, sizeof(*list));
	for (i = 0, count = 0; list && i < length; i += strlen(list[count++]) + 1)
		list[count] = (char *)bytes + i;
	return list;
}

/* What the child starts with: descriptors 0 to 2, its own session, every signal at its default and none blocked. */
static int start(pid_t *pid, const char *path, char **argv, char **env, const int fds[3])
{
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t none, all;
	int i, failure = 0;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attributes, &none);
	posix_spawnattr_setsigdefault(&attributes, &all);
	for (i = 0; i < 3 && !failure; i++)
		failure = fds[i] < 0 ? posix_spawn_file_actions_addopen(&actions, i, "/dev/null", O_RDWR, 0)
				     : posix_spawn_file_actions_adddup2(&actions, fds[i], i);
	/* What others (procd, a shell's lock) left open without close-on-exec does not reach the child either. */
	syscall(SYS_close_range, 3, ~0U, CLOSE_RANGE_CLOEXEC);
	if (!failure)
		failure = posix_spawn(pid, path, &actions, &attributes, argv, env);
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	return failure;
}

static int64_t do_spawn(const struct arguments *a)
{
	const int64_t lengths[2] = { a->n[0], a->n[1] };
	int fds[3], i, failure = 0;
	char **lists[2] = { NULL, NULL };
	pid_t pid = -1;

	for (i = 0; i < 2; i++)
		if (lengths[i] < 0 || (uint64_t)lengths[i] > a->l[i] || (lengths[i] && a->p[i][lengths[i] - 1]))
			return refuse(EINVAL);
	/* Above 2, so that placing one of them never overwrites another: stdout may be given as 0. */
	for (i = 0; i < 3; i++) {
		fds[i] = a->n[2 + i] < 0 ? -1 : fcntl(a->n[2 + i], F_DUPFD_CLOEXEC, 3);
		if (a->n[2 + i] >= 0 && fds[i] < 0)
			failure = errno;
	}
	for (i = 0; i < 2; i++)
		if (!(lists[i] = strings(a->p[i], lengths[i])))
			failure = ENOMEM;
	if (!failure)
		failure = start(&pid, a->s[0], lists[0], lists[1], fds);
	for (i = 0; i < 2; i++)
		free(lists[i]);
	for (i = 0; i < 3; i++)
		if (fds[i] >= 0)
			close(fds[i]);
	return failure ? refuse(failure) : pid;
}

static int64_t do_waitpid(const struct arguments *a)
{
	int status;
	pid_t pid;

	if (a->l[0] < 8)
		return refuse(EINVAL);
	pid = waitpid(a->n[0], &status, WNOHANG);
	if (pid <= 0)
		return pid;
	pair_out(a, WIFEXITED(status) ? WEXITSTATUS(status) : -1, WIFSIGNALED(status) ? WTERMSIG(status) : 0);
	return 1;
}

static int64_t do_uptime(void)
{
	struct timespec now;

	return clock_gettime(CLOCK_BOOTTIME, &now) < 0 ? -1 : (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* One more signal blocked and read from `fd` (-1: a new one): so none is lost between looking and waiting. */
static int64_t do_signalfd(const struct arguments *a)
{
	static sigset_t heard;

	if (sigaddset(&heard, a->n[1]) < 0 || sigprocmask(SIG_BLOCK, &heard, NULL) < 0)
		return -1;
	return signalfd(a->n[0], &heard, SFD_NONBLOCK | SFD_CLOEXEC);
}

static struct termios cooked;
static int raw_fd = -1;

static void leave_raw_mode(void)
{
	if (raw_fd >= 0)
		tcsetattr(raw_fd, TCSADRAIN, &cooked);
	raw_fd = -1;
}

static int64_t do_raw_mode(const struct arguments *a)
{
	struct termios raw;

	leave_raw_mode();
	if (!a->n[1])
		return 0;
	if (tcgetattr(a->n[0], &cooked) < 0)
		return -1;
	raw = cooked;
	cfmakeraw(&raw);
	raw.c_oflag = cooked.c_oflag; /* a line end still returns the carriage */
	if (tcsetattr(a->n[0], TCSADRAIN, &raw) < 0)
		return -1;
	raw_fd = a->n[0];
	return 0;
}

static int64_t do_columns(const struct arguments *a)
{
	struct winsize size;

	return ioctl(a->n[0], TIOCGWINSZ, &size) < 0 ? -1 : size.ws_col;
}
