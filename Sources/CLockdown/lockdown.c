#include "CLockdown.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

// A sanitizer maps terabytes, starts threads and reads /proc: decided when it is built, never when it runs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define HAS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HAS_SANITIZER 1
#endif
#endif

#if defined(__x86_64__)
#define ARCHITECTURE AUDIT_ARCH_X86_64
#elif defined(__aarch64__)
#define ARCHITECTURE AUDIT_ARCH_AARCH64
#else
#error "the system calls of this architecture are not known here"
#endif

const char *clockdown_begin(pid_t parent) {
  if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0) return "prctl(PR_SET_PDEATHSIG)";
  // A parent that died before that sent no signal.
  if (getppid() != parent) _exit(1);
  if (close_range(4, ~0U, 0) != 0) return "close_range";
  if (prctl(PR_SET_DUMPABLE, 0) != 0) return "prctl(PR_SET_DUMPABLE)";
  return NULL;
}

#ifndef HAS_SANITIZER
static int limit(int resource, uint64_t value) {
  struct rlimit both = {value, value};
  return setrlimit((__rlimit_resource_t)resource, &both);
}

// Bytes that are mapped.
static uint64_t mapped(void) {
  FILE *file = fopen("/proc/self/statm", "re");
  unsigned long pages = 0;
  if (file) {
    if (fscanf(file, "%lu", &pages) != 1) pages = 0;
    fclose(file);
  }
  // Without /proc: more than the largest of our builds maps.
  return pages ? (uint64_t)pages * (uint64_t)sysconf(_SC_PAGESIZE) : UINT64_C(1) << 30;
}

static const char *set_limits(clockdown_limits limits) {
  if (limit(RLIMIT_AS, mapped() + limits.address_space) != 0) return "setrlimit(RLIMIT_AS)";
  if (limit(RLIMIT_CPU, limits.cpu_seconds) != 0) return "setrlimit(RLIMIT_CPU)";
  if (limit(RLIMIT_FSIZE, 0) != 0) return "setrlimit(RLIMIT_FSIZE)";
  if (limit(RLIMIT_CORE, 0) != 0) return "setrlimit(RLIMIT_CORE)";
  if (limit(RLIMIT_NPROC, 0) != 0) return "setrlimit(RLIMIT_NPROC)";
  return NULL;
}
#endif

// Landlock, by number: the headers of an older kernel lack what a newer one can forbid.
struct ruleset {
  uint64_t files, network, scope;
};

static const char *forbid_files(void) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0, 1 /* LANDLOCK_CREATE_RULESET_VERSION */);
  if (version < 1) return "Landlock";
  // Every right that the kernel knows, and no rule that gives one back. Version 1 knows 13 of files; 2 adds REFER, 3
  // TRUNCATE, 5 IOCTL_DEV; 4 has BIND_TCP and CONNECT_TCP; 6 scopes abstract sockets and signals.
  struct ruleset all = {.files = (UINT64_C(1) << 13) - 1};
  size_t size = sizeof all.files;
  if (version >= 2) all.files |= UINT64_C(1) << 13;
  if (version >= 3) all.files |= UINT64_C(1) << 14;
  if (version >= 5) all.files |= UINT64_C(1) << 15;
  if (version >= 4) {
    all.network = 3;
    size = offsetof(struct ruleset, scope);
  }
  if (version >= 6) {
    all.scope = 3;
    size = sizeof all;
  }
  int rules = (int)syscall(SYS_landlock_create_ruleset, &all, size, 0);
  if (rules < 0) return "Landlock (landlock_create_ruleset)";
  long failed = syscall(SYS_landlock_restrict_self, rules, 0);
  int problem = errno;
  close(rules);
  errno = problem;
  return failed ? "Landlock (landlock_restrict_self)" : NULL;
}

#ifndef HAS_SANITIZER
// What Lua, Swift and the C library need to compute, to wait, to read and to write.
static const int allowed[] = {
    SYS_read, SYS_write, SYS_readv, SYS_writev, SYS_close, SYS_fstat, SYS_lseek, SYS_ppoll,
#ifdef SYS_poll
    SYS_poll,
#endif
    SYS_brk, SYS_munmap, SYS_mremap, SYS_madvise, SYS_futex, SYS_sched_yield, SYS_restart_syscall,
    SYS_rt_sigreturn, SYS_rt_sigprocmask, SYS_rt_sigaction, SYS_sigaltstack, SYS_clock_gettime, SYS_clock_getres,
    SYS_gettimeofday, SYS_getrandom, SYS_getpid, SYS_gettid, SYS_exit, SYS_exit_group,
};
// Allowed unless they ask for memory that can be executed.
static const int mapping[] = {SYS_mmap, SYS_mprotect};

enum { ALLOWED = sizeof allowed / sizeof *allowed, MAPPING = sizeof mapping / sizeof *mapping };

#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
#define UNLESS_EQUAL(value, skip) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)(value), 0, skip)
#define ANSWER(action) BPF_STMT(BPF_RET | BPF_K, action)

static const char *forbid_calls(void) {
  struct sock_filter program[4 + ALLOWED * 2 + MAPPING * 5 + 1];
  size_t n = 0;
#define ADD(...) program[n++] = (struct sock_filter)__VA_ARGS__
  // System calls of another architecture have other numbers.
  ADD(LOAD(arch));
  ADD(BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ARCHITECTURE, 1, 0));
  ADD(ANSWER(SECCOMP_RET_KILL_PROCESS));
  ADD(LOAD(nr));
  for (size_t i = 0; i < ALLOWED; i++) {
    ADD(UNLESS_EQUAL(allowed[i], 1));
    ADD(ANSWER(SECCOMP_RET_ALLOW));
  }
  for (size_t i = 0; i < MAPPING; i++) {
    // The third argument has the protection in its lower half, on these little-endian machines the first.
    ADD(UNLESS_EQUAL(mapping[i], 4));
    ADD(LOAD(args[2]));
    ADD(BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, PROT_EXEC, 0, 1));
    ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
    ADD(ANSWER(SECCOMP_RET_ALLOW));
  }
  ADD(ANSWER(SECCOMP_RET_ERRNO | EPERM));
#undef ADD
  struct sock_fprog filter = {(unsigned short)n, program};
  return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, 0, &filter) == 0 ? NULL : "seccomp";
}
#endif

const char *clockdown_finish(clockdown_limits limits) {
  // A reader that has gone is an error of write, not a death that looks like a crash.
  signal(SIGPIPE, SIG_IGN);
  // What ends this process from outside comes between two instructions: whole lines are out by then.
  setvbuf(stdout, NULL, _IOLBF, 16 << 10);
  const char *problem = NULL;
#ifdef HAS_SANITIZER
  (void)limits;
#else
  // A crash is told by the host. What Swift's runtime would print of it holds memory, and what is there is a script's.
  static const int crashes[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP, SIGABRT, SIGQUIT};
  for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++) signal(crashes[i], SIG_DFL);
  problem = set_limits(limits);
#endif
  if (!problem && prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) problem = "prctl(PR_SET_NO_NEW_PRIVS)";
  if (!problem) problem = forbid_files();
#ifndef HAS_SANITIZER
  // After Landlock, which needs a descriptor for a moment.
  if (!problem && limit(RLIMIT_NOFILE, 4) != 0) problem = "setrlimit(RLIMIT_NOFILE)";
  if (!problem) problem = forbid_calls();
#endif
  return problem;
}
