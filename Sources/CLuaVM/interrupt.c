// Interruption: Ctrl-C, and exit, unwind a script whatever it does.
//
// No hook is set while nothing is to be interrupted: an always-on count hook costs about twice the time on VM-bound
// code whatever its count (30 million iterations: 0.14 → 0.26 s). The signal handler hooks the coroutine that runs;
// lua_sethook is the one call of Lua that a handler may make. The hook raises at every instruction while `unwinding`
// is set, so a pcall that catches it raises again on its next step. Only top level clears it.
//
// A C function that loops (a pathological pattern) is not reached by a hook: the third Ctrl-C ends the process.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <termios.h>
#include <unistd.h>

#include "internal.h"

enum { LETHAL_PRESSES = 3 };

int body_raise_unwinding(lua_State *L) {
  lua_pushliteral(L, "interrupted");
  return lua_error(L);
}

static void body_hook(lua_State *L, lua_Debug *activation) {
  (void)activation;
  if (is_unwinding(vm_of(L))) body_raise_unwinding(L);
  lua_sethook(L, NULL, 0, 0);
}

void arm(lua_State *L) { lua_sethook(L, body_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1); }

void lvm_unwind_now(lvm *vm, lvm_unwind reason) {
  vm->unwinding = reason;
  lua_State *running = vm->running;
  if (running) arm(running);
}

lvm_unwind lvm_unwinding(lvm *vm) { return (lvm_unwind)vm->unwinding; }

void lvm_run_begin(lvm *vm) {
  vm->unwinding = LVM_RUNNING;
  vm->presses = 0;
  vm->executing = 1;
}

void lvm_run_end(lvm *vm) {
  vm->executing = 0;
  vm->unwinding = LVM_RUNNING;
}

// What the handler reads. One universe at a time listens to signals.
static lvm *_Atomic listening;
static int wake[2] = {-1, -1};
static atomic_int arrived;
static struct termios terminal;
static volatile sig_atomic_t has_terminal;
static pthread_t owner;  // the thread that runs Lua

static void on_interrupt(int signal) {
  int saved = errno;
  // A signal to the process may reach any thread, but a hook may be set only where Lua runs, or beside it when it is
  // stopped by this very handler.
  if (!pthread_equal(pthread_self(), owner)) {
    pthread_kill(owner, signal);
    errno = saved;
    return;
  }
  atomic_fetch_add(&arrived, 1);
  if (write(wake[1], "i", 1) < 0) {
    // A full pipe wakes its reader just as well.
  }
  lvm *vm = atomic_load(&listening);
  if (vm && vm->executing) {
    if (++vm->presses >= LETHAL_PRESSES) {
      if (has_terminal) tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
      _exit(130);
    }
    if (vm->presses == LETHAL_PRESSES - 1) {
      static const char warning[] = "\nmoongate: still inside a C function; Ctrl-C once more ends Moongate\n";
      if (write(STDERR_FILENO, warning, sizeof warning - 1) < 0) {
        // Then nobody reads it.
      }
    }
    if (vm->unwinding == LVM_RUNNING) lvm_unwind_now(vm, LVM_INTERRUPTED);
    else if (vm->running) arm(vm->running);
  }
  errno = saved;
}

int lvm_signals_begin(lvm *vm) {
  if (wake[0] < 0) {
    if (pipe2(wake, O_CLOEXEC | O_NONBLOCK) != 0) return -1;
    has_terminal = tcgetattr(STDIN_FILENO, &terminal) == 0;
  }
  owner = pthread_self();
  atomic_store(&listening, vm);
  struct sigaction action = {.sa_handler = on_interrupt};  // no SA_RESTART: a blocking read must end
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  signal(SIGPIPE, SIG_IGN);
  return wake[0];
}

int lvm_signals_take(void) {
  char bytes[64];
  while (wake[0] >= 0 && read(wake[0], bytes, sizeof bytes) > 0) {
  }
  return atomic_exchange(&arrived, 0);
}

void lvm_signals_end(lvm *vm) {
  lvm *expected = vm;
  atomic_compare_exchange_strong(&listening, &expected, NULL);
}
