// CLockdown: takes from this process, for good, whatever shared code must not have. In C because it is a sequence of
// system calls and constants that neither Swift's Glibc module nor older kernel headers know.
#ifndef CLOCKDOWN_H
#define CLOCKDOWN_H
#include <stdint.h>
#include <sys/types.h>

// What a process keeps of its resources.
typedef struct {
  uint64_t address_space;  // bytes beyond what is mapped already
  uint64_t cpu_seconds;
} clockdown_limits;

// The first thing a worker does: it dies with its parent, whose process id is `parent`; has no descriptor but 0 to 3;
// and no other process may look into it. Returns NULL, or what could not be done with errno saying why.
const char *_Nullable clockdown_begin(pid_t parent);

// The last thing before it reads a byte of a script: resource limits, no new privileges, no file (Landlock), and no
// system call but those of a program that computes, reads and writes what is open (seccomp). What is to be loaded must
// have been. A build of a sanitizer leaves out limits and seccomp, which it cannot do with. Returns NULL, or what could not be
// done with errno saying why; the process must end then.
const char *_Nullable clockdown_finish(clockdown_limits limits);
#endif
