// The terminal's signals, as bytes in a pipe that the editor polls. The handler does nothing else: libedit's
// own (EL_SIGNAL 1) allocates inside the handler and passes signals on to the whole process group.
#include "CEditline.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

static const int watched[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGQUIT};
enum { WATCHED = sizeof watched / sizeof *watched };

static int pipe_ends[2] = {-1, -1};
static struct sigaction before[WATCHED];

static void note(int number) {
  int saved = errno;
  unsigned char byte = (unsigned char)number;
  // A full pipe loses nothing that matters: it already wakes the reader.
  ssize_t written = write(pipe_ends[1], &byte, 1);
  (void)written;
  errno = saved;
}

static void install(int number) {
  struct sigaction action;
  memset(&action, 0, sizeof action);
  action.sa_handler = note;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(number, &action, NULL);
}

int ce_signals_begin(void) {
  if (pipe_ends[0] < 0 && pipe2(pipe_ends, O_CLOEXEC | O_NONBLOCK) < 0) return -1;
  for (int i = 0; i < WATCHED; i++) {
    if (sigaction(watched[i], NULL, &before[i]) < 0) return -1;
    // nohup ignores SIGHUP, and a shell without job control SIGTSTP: both mean it.
    if (before[i].sa_handler != SIG_IGN) install(watched[i]);
  }
  return pipe_ends[0];
}

int ce_signals_next(void) {
  unsigned char byte = 0;
  return read(pipe_ends[0], &byte, 1) == 1 ? byte : 0;
}

void ce_signals_end(void) {
  for (int i = 0; i < WATCHED; i++) sigaction(watched[i], &before[i], NULL);
}

void ce_stop(void) {
  struct sigaction plain;
  memset(&plain, 0, sizeof plain);
  plain.sa_handler = SIG_DFL;
  sigemptyset(&plain.sa_mask);
  sigaction(SIGTSTP, &plain, NULL);
  raise(SIGTSTP);
  install(SIGTSTP);
}
