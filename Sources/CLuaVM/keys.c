// Single keys: the terminal's modes while a page waits for one. Whatever ends meanwhile leaves the terminal as it was: the
// third Ctrl-C (interrupt.c), and the signals that end the process, whose handlers put the modes back first.
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include "CLuaVM.h"

static const int ending[] = {SIGTERM, SIGHUP, SIGQUIT};
enum { ENDING = sizeof ending / sizeof ending[0] };

static struct termios modes;
static struct sigaction before[ENDING];
static volatile sig_atomic_t is_reading;

static void on_end(int signal) {
  if (is_reading) tcsetattr(STDIN_FILENO, TCSANOW, &modes);
  // Its handler is gone (SA_RESETHAND): the signal ends the process as if there had been none.
  raise(signal);
}

bool lvm_keys_begin(bool signals) {
  if (!is_reading) {
    if (tcgetattr(STDIN_FILENO, &modes) != 0) return false;
    struct sigaction action = {.sa_handler = on_end, .sa_flags = SA_RESETHAND};
    sigemptyset(&action.sa_mask);
    for (int i = 0; i < ENDING; i++) {
      sigaction(ending[i], NULL, &before[i]);
      // nohup ignores SIGHUP, and means it.
      if (before[i].sa_handler == SIG_DFL) sigaction(ending[i], &action, NULL);
    }
  }
  struct termios keys = modes;
  keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO | ISIG);
  if (signals) keys.c_lflag |= ISIG;
  keys.c_cc[VMIN] = 1;
  keys.c_cc[VTIME] = 0;
  is_reading = 1;
  if (tcsetattr(STDIN_FILENO, TCSADRAIN, &keys) == 0) return true;
  lvm_keys_end();
  return false;
}

void lvm_keys_end(void) {
  if (!is_reading) return;
  tcsetattr(STDIN_FILENO, TCSADRAIN, &modes);
  is_reading = 0;
  for (int i = 0; i < ENDING; i++) sigaction(ending[i], &before[i], NULL);
}
