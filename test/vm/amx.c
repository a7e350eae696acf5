/*
 * Preloaded beneath lab/uml/xstate.c: ptrace(2) as it is on a CPU with AMX, whose floating point state has 11008 bytes. What
 * this CPU has is followed by zeroes; PTRACE_SETREGSET with less than the whole fails with EFAULT.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

enum { AMX_STATE = 11008 };

typedef long ptrace_function(enum __ptrace_request, pid_t, void *, void *);

static long get_state(ptrace_function *next, pid_t pid, void *type, struct iovec *asked)
{
	static char state[AMX_STATE];
	struct iovec whole = { state, sizeof(state) };

	if (next(PTRACE_GETREGSET, pid, type, &whole) < 0)
		return -1;
	if (asked->iov_len > AMX_STATE)
		asked->iov_len = AMX_STATE;
	memset(state + whole.iov_len, 0, AMX_STATE - whole.iov_len);
	memcpy(asked->iov_base, state, asked->iov_len);
	return 0;
}

static long set_state(ptrace_function *next, pid_t pid, void *type, const struct iovec *given)
{
	struct iovec known = *given;

	if (given->iov_len < AMX_STATE) {
		errno = EFAULT;
		return -1;
	}
	return next(PTRACE_SETREGSET, pid, type, &known);
}

long ptrace(enum __ptrace_request request, ...)
{
	static ptrace_function *next;
	va_list arguments;

	va_start(arguments, request);
	pid_t pid = va_arg(arguments, pid_t);
	void *address = va_arg(arguments, void *);
	void *data = va_arg(arguments, void *);
	va_end(arguments);

	if (!next)
		next = (ptrace_function *)dlsym(RTLD_NEXT, "ptrace");
	if ((long)address == NT_X86_XSTATE && request == PTRACE_GETREGSET)
		return get_state(next, pid, address, data);
	if ((long)address == NT_X86_XSTATE && request == PTRACE_SETREGSET)
		return set_state(next, pid, address, data);
	return next(request, pid, address, data);
}
