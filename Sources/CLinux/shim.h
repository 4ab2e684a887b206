// What moongate uses of Linux that Swift cannot call, or not always: prctl and syscall take variable arguments, which
// module `timespec` belongs to depends on what else was compiled, and `tm` holds a pointer that nobody here wants.
#include <fcntl.h>
#include <malloc.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static inline int clinux_set_dumpable(int dumpable) { return prctl(PR_SET_DUMPABLE, dumpable, 0, 0, 0); }

static inline long long clinux_nanoseconds(clockid_t clock) {
  struct timespec time = {0, 0};
  clock_gettime(clock, &time);
  return time.tv_sec * 1000000000LL + time.tv_nsec;
}

// A file in memory that takes so many bytes and not one more; -1 when there is none to be had. What is not written takes
// no memory. By number, since the C library declares both for GNU sources only.
static inline int clinux_bounded_file(long long size) {
  enum { CLOEXEC = 1, ALLOW_SEALING = 2, ADD_SEALS = 1033, SEAL_SHRINK = 2, SEAL_GROW = 4 };
  int file = (int)syscall(SYS_memfd_create, "moongate", CLOEXEC | ALLOW_SEALING);
  if (file < 0) return -1;
  if (ftruncate(file, size) == 0 && fcntl(file, ADD_SEALS, SEAL_SHRINK | SEAL_GROW) == 0) return file;
  close(file);
  return -1;
}

// From now on memory that was given back stays with this process, up to 16 MiB of it.
static inline void clinux_keep_freed_memory(void) {
  mallopt(M_MMAP_THRESHOLD, 8 << 20);
  mallopt(M_TRIM_THRESHOLD, 16 << 20);
}

// When a file was changed last, in epoch seconds.
static inline long long clinux_changed(int descriptor) {
  struct stat status;
  return fstat(descriptor, &status) == 0 ? status.st_mtim.tv_sec : 0;
}

// The epoch seconds of a date and time in this machine's time zone, by its standard time; -1 for none.
static inline long long clinux_local_time(int year, int month, int day, int hour, int minute, int second) {
  struct tm fields = {
      .tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = day, .tm_hour = hour, .tm_min = minute, .tm_sec = second};
  return mktime(&fields);
}
