// What moongate uses of Linux that Swift cannot call, or not always: prctl takes variable arguments, and which module
// `timespec` belongs to depends on what else was compiled.
#include <sys/prctl.h>
#include <time.h>

static inline int clinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

static inline long long clinux_nanoseconds(clockid_t clock) {
  struct timespec time = {0, 0};
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}
