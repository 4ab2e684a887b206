// The worker's side of CSpawn.h: a process that shares nothing with this one but three pipes and a socket.
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "CSpawn.h"
#include "internal.h"

enum { OUTPUT, ERROR, CHANNEL, CHANNELS };

// Two ends each: [0] stays here, [1] goes to the worker.
static int open_channels(int ends[CHANNELS][2]) {
  for (int i = 0; i < CHANNELS; i++) {
    int failed = i == CHANNEL ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends[i]) : pipe2(ends[i], O_CLOEXEC);
    if (failed) {
      ends[i][0] = ends[i][1] = -1;
      return errno;
    }
    if (fcntl(ends[i][0], F_SETFL, O_NONBLOCK) != 0) return errno;
    // Out of the way of 0 to 3, which it is copied to: this program may have been started without some of them.
    int high = fcntl(ends[i][1], F_DUPFD_CLOEXEC, 16);
    if (high < 0) return errno;
    close(ends[i][1]);
    ends[i][1] = high;
  }
  return 0;
}

static int set_up(posix_spawnattr_t *attributes, posix_spawn_file_actions_t *actions, int ends[CHANNELS][2]) {
  int problem = cspawn_set_up(attributes);
  if (!problem) problem = posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  if (!problem) problem = posix_spawn_file_actions_adddup2(actions, ends[OUTPUT][1], STDOUT_FILENO);
  if (!problem) problem = posix_spawn_file_actions_adddup2(actions, ends[ERROR][1], STDERR_FILENO);
  if (!problem) problem = posix_spawn_file_actions_adddup2(actions, ends[CHANNEL][1], 3);
  if (!problem) problem = posix_spawn_file_actions_addclosefrom_np(actions, 4);
  return problem;
}

int cspawn_start_worker(char *const *arguments, cspawn_worker *worker) {
  int ends[CHANNELS][2] = {{-1, -1}, {-1, -1}, {-1, -1}};
  int problem = open_channels(ends);
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);  // glibc's always succeed
  posix_spawn_file_actions_init(&actions);
  if (!problem) problem = set_up(&attributes, &actions, ends);
  char *const nothing[] = {NULL};
  if (!problem) problem = posix_spawn(&worker->pid, "/proc/self/exe", &actions, &attributes, arguments, nothing);
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (!problem) {
    // No SIGCHLD handler, which would be the whole program's: the kernel tells of this one by a descriptor.
    worker->process = (int)syscall(SYS_pidfd_open, worker->pid, 0);
    if (worker->process < 0) {
      problem = errno;
      kill(worker->pid, SIGKILL);
      waitpid(worker->pid, NULL, 0);
    }
  }
  for (int i = 0; i < CHANNELS; i++) {
    if (ends[i][1] >= 0) close(ends[i][1]);
    if (problem && ends[i][0] >= 0) close(ends[i][0]);
  }
  worker->output = ends[OUTPUT][0];
  worker->error = ends[ERROR][0];
  worker->channel = ends[CHANNEL][0];
  return problem;
}

int cspawn_watcher(void) { return epoll_create1(EPOLL_CLOEXEC); }

bool cspawn_watch(int watcher, int descriptor, bool reading, bool writing) {
  struct epoll_event event = {.events = (reading ? EPOLLIN : 0) | (writing ? EPOLLOUT : 0)};
  // With no event it is out: a closed end would be reported for ever.
  if (!event.events) return epoll_ctl(watcher, EPOLL_CTL_DEL, descriptor, NULL) == 0;
  if (epoll_ctl(watcher, EPOLL_CTL_MOD, descriptor, &event) == 0) return true;
  return epoll_ctl(watcher, EPOLL_CTL_ADD, descriptor, &event) == 0;
}

double cspawn_processor_time(pid_t pid) {
  clockid_t clock;
  struct timespec time;
  if (clock_getcpuclockid(pid, &clock) != 0 || clock_gettime(clock, &time) != 0) return -1;
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}
