// A machine that is unlucky, for LD_PRELOAD: with UNLUCKY_IO one call in three is interrupted, and the others move half of
// what they could at most; with UNLUCKY_CLOCK the time of day jumps by so many seconds after the first tenth of a second.
#define _GNU_SOURCE
#include <errno.h>
#include <poll.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static bool interrupted(void) {
  static _Atomic int state = -1;
  static _Atomic unsigned calls;
  if (state < 0) state = getenv("UNLUCKY_IO") != NULL;
  // Not every third by count: of three calls in turn it would be the same one for ever.
  if (!state || (++calls * 2654435761u >> 16) % 3) return false;
  errno = EINTR;
  return true;
}

// An eventfd takes eight bytes or none.
static size_t half(size_t count) { return getenv("UNLUCKY_IO") && count > 16 ? count / 2 : count; }

#define UNLUCKY(name, parameters, ...)                                                                                 \
  ssize_t name parameters { return interrupted() ? -1 : syscall(SYS_##name, __VA_ARGS__); }

UNLUCKY(read, (int fd, void *to, size_t count), fd, to, half(count))
UNLUCKY(write, (int fd, const void *from, size_t count), fd, from, half(count))
UNLUCKY(pread64, (int fd, void *to, size_t count, off_t at), fd, to, half(count), at)
UNLUCKY(pwrite64, (int fd, const void *from, size_t count, off_t at), fd, from, half(count), at)
UNLUCKY(recvfrom, (int fd, void *to, size_t count, int flags, struct sockaddr *who, socklen_t *length), fd, to,
        half(count), flags, who, length)
UNLUCKY(sendto, (int fd, const void *from, size_t count, int flags, const struct sockaddr *who, socklen_t length),
        fd, from, half(count), flags, who, length)

ssize_t pread(int fd, void *to, size_t count, off_t at) { return pread64(fd, to, count, at); }
ssize_t pwrite(int fd, const void *from, size_t count, off_t at) { return pwrite64(fd, from, count, at); }
ssize_t recv(int fd, void *to, size_t count, int flags) { return recvfrom(fd, to, count, flags, NULL, NULL); }
ssize_t send(int fd, const void *from, size_t count, int flags) { return sendto(fd, from, count, flags, NULL, 0); }
// Where it does not wait nothing can interrupt it.
int flock(int fd, int how) { return !(how & LOCK_NB) && interrupted() ? -1 : (int)syscall(SYS_flock, fd, how); }
int poll(struct pollfd *fds, nfds_t count, int wait) { return interrupted() ? -1 : (int)syscall(SYS_poll, fds, count, wait); }

// MARK: The clock

static long jump(void) {
  static struct timespec begun;
  struct timespec now;
  const char *seconds = getenv("UNLUCKY_CLOCK");
  if (!seconds) return 0;
  syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &now);
  if (!begun.tv_sec) begun = now;
  double passed = (double)(now.tv_sec - begun.tv_sec) + (double)(now.tv_nsec - begun.tv_nsec) * 1e-9;
  return passed > 0.1 ? atol(seconds) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *time) {
  int result = (int)syscall(SYS_clock_gettime, clock, time);
  if (clock == CLOCK_REALTIME) time->tv_sec += jump();
  return result;
}

time_t time(time_t *to) {
  struct timespec now;
  clock_gettime(CLOCK_REALTIME, &now);
  if (to) *to = now.tv_sec;
  return now.tv_sec;
}

int gettimeofday(struct timeval *restrict to, void *restrict zone) {
  struct timespec now;
  (void)zone;
  clock_gettime(CLOCK_REALTIME, &now);
  *to = (struct timeval){.tv_sec = now.tv_sec, .tv_usec = now.tv_nsec / 1000};
  return 0;
}
