/*
 * Preloaded into User-Mode Linux on CPUs with AMX. Linux 6.1's UML keeps a process' floating point state in 2696 bytes, and
 * PTRACE_SETREGSET takes the whole of it or fails with EFAULT (arch/x86/kernel/fpu/regset.c, xstateregs_set): there it is 11 kB.
 * So that what UML has is laid over what the process has, and the whole is written. Where nothing fails, nothing changes.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/uio.h>

typedef long ptrace_function(enum __ptrace_request, pid_t, void *, void *);

static long set_whole(ptrace_function *next, pid_t pid, void *type, const struct iovec *part)
{
	/* Not on the stack: it is one of UML's kernel, of a few kB. */
	static char state[32768];
	struct iovec whole = { state, sizeof(state) };

	if (next(PTRACE_GETREGSET, pid, type, &whole) < 0)
		return -1;
	if (part->iov_len > whole.iov_len) {
		errno = EFAULT;
		return -1;
	}
	memcpy(state, part->iov_base, part->iov_len);
	return next(PTRACE_SETREGSET, pid, type, &whole);
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
	long result = next(request, pid, address, data);
	if (result < 0 && errno == EFAULT && request == PTRACE_SETREGSET && (long)address == NT_X86_XSTATE)
		result = set_whole(next, pid, address, data);
	return result;
}
