#include "CSpawn.h"

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "internal.h"

int cspawn_set_up(posix_spawnattr_t *attributes) {
  // All signals: what this program ignores or blocks is no business of the child's.
  sigset_t all, none;
  sigfillset(&all);
  sigemptyset(&none);
  int problem = posix_spawnattr_setsigdefault(attributes, &all);
  if (!problem) problem = posix_spawnattr_setsigmask(attributes, &none);
  if (!problem) problem = posix_spawnattr_setpgroup(attributes, 0);
  if (problem) return problem;
  return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
}

// In this order: the terminal's descriptor is one of those that are closed.
static int set_descriptors(posix_spawn_file_actions_t *actions, int output, int terminal) {
  int problem = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
  // In the child, before it runs: a later change would race with its first read of the terminal.
  if (!problem && terminal >= 0) problem = posix_spawn_file_actions_addtcsetpgrp_np(actions, terminal);
  return problem ? problem : posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
}

int cspawn_shell(const char *command, int terminal, pid_t *child, int *output) {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) return errno;
  int problem = fcntl(ends[0], F_SETFL, O_NONBLOCK) == 0 ? 0 : errno;

  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);  // glibc's always succeed
  posix_spawn_file_actions_init(&actions);
  if (!problem) problem = cspawn_set_up(&attributes);
  if (!problem) problem = set_descriptors(&actions, ends[1], terminal);
  if (!problem) {
    char *const arguments[] = {"sh", "-c", (char *)command, NULL};
    problem = posix_spawn(child, _PATH_BSHELL, &actions, &attributes, arguments, environ);
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);

  close(ends[1]);
  if (problem) close(ends[0]);
  else *output = ends[0];
  return problem;
}

int cspawn_child(const char *command, char *const *environment, int input, int output, pid_t *child) {
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t actions;
  posix_spawnattr_init(&attributes);
  posix_spawn_file_actions_init(&actions);
  int problem = cspawn_set_up(&attributes);
  if (!problem) problem = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
  if (!problem && input >= 0) problem = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
  if (!problem && output >= 0) problem = posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO);
  if (!problem) problem = posix_spawn_file_actions_addclosefrom_np(&actions, STDERR_FILENO + 1);
  if (!problem) {
    char *const arguments[] = {"sh", "-c", (char *)command, NULL};
    problem = posix_spawn(child, _PATH_BSHELL, &actions, &attributes, arguments, environment);
  }
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  return problem;
}

static const int fatal[] = {SIGTERM, SIGHUP};
// Read by a signal handler; and tests run children from several threads.
static _Atomic pid_t guarded;

static void end(int signal) {
  if (guarded > 0) kill(-guarded, SIGKILL);
  // SA_RESETHAND has put the default back.
  raise(signal);
}

void cspawn_guard(pid_t child) {
  guarded = child;
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) {
    struct sigaction now, wanted = {.sa_flags = SA_RESETHAND};
    sigemptyset(&wanted.sa_mask);
    wanted.sa_handler = child > 0 ? end : SIG_DFL;
    // What somebody else handles or ignores stays theirs.
    if (sigaction(fatal[i], NULL, &now) == 0 && now.sa_handler == (child > 0 ? SIG_DFL : end))
      sigaction(fatal[i], &wanted, NULL);
  }
}

// The shell of a command and what it runs. They share this program's process group, which may have others in it.
static void signal_family(pid_t parent, int signal) {
  char path[64];
  snprintf(path, sizeof path, "/proc/%d/task/%d/children", parent, parent);
  FILE *children = fopen(path, "re");
  for (int child; children && fscanf(children, "%d", &child) == 1;) signal_family(child, signal);
  if (children) fclose(children);
  kill(parent, signal);
}

// Waits for a child, and meanwhile for the signals of `ending`, which are blocked: the first is passed on, and after a
// second it is meant seriously. Returns that signal, 0 for none.
static int wait_for(pid_t child, const sigset_t *ending, int *ended) {
  sigset_t awaited = *ending;
  sigaddset(&awaited, SIGCHLD);
  int arrived = 0;
  while (waitpid(child, ended, WNOHANG) == 0) {
    const struct timespec second = {.tv_sec = 1};
    int signal = sigtimedwait(&awaited, NULL, &second);
    if (signal < 0 && errno == EAGAIN && arrived) signal_family(child, SIGKILL);
    if (signal <= 0 || signal == SIGCHLD) continue;
    if (!arrived) signal_family(child, signal);
    arrived = signal;
  }
  return arrived;
}

int cspawn_program(const char *command, int *status) {
  // Ctrl-C is the command's; and who ends this program ends the command first, so that this one tidies up after it.
  static const int left_to_it[] = {SIGINT, SIGQUIT};
  enum { COUNT = sizeof left_to_it / sizeof *left_to_it };
  struct sigaction ignore = {.sa_handler = SIG_IGN}, before[COUNT];
  sigemptyset(&ignore.sa_mask);
  for (int i = 0; i < COUNT; i++) sigaction(left_to_it[i], &ignore, &before[i]);
  sigset_t ending, blocked, mask;
  sigemptyset(&ending);
  for (size_t i = 0; i < sizeof fatal / sizeof *fatal; i++) sigaddset(&ending, fatal[i]);
  blocked = ending;
  sigaddset(&blocked, SIGCHLD);
  pthread_sigmask(SIG_BLOCK, &blocked, &mask);
  pid_t child = 0;
  int ended = 0, arrived = 0;
  int problem = cspawn_child(command, environ, -1, -1, &child);
  if (!problem) arrived = wait_for(child, &ending, &ended);
  *status = WIFEXITED(ended) ? WEXITSTATUS(ended) : 128 + WTERMSIG(ended);
  if (arrived) {
    // What a command makes of its end is its business; the caller hears of the signal, and so does this program next.
    *status = 128 + arrived;
    kill(getpid(), arrived);
  }
  pthread_sigmask(SIG_SETMASK, &mask, NULL);
  for (int i = 0; i < COUNT; i++) sigaction(left_to_it[i], &before[i], NULL);
  return problem;
}
