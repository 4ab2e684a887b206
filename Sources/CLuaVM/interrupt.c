// Interruption: Ctrl-C, a limit, and exit, unwind a script whatever it does.
//
// No hook is set while nothing is to be interrupted: an always-on count hook costs about twice the time on VM-bound
// code whatever its count (30 million iterations: 0.14 → 0.26 s). The signal handler hooks the coroutine that runs;
// lua_sethook is the one call of Lua that a handler may make. The hook raises once in a task; no pcall or coroutine keeps
// what it raised (protect.c, coroutine.c), so that only <close> variables run on the way out, and those as always: they
// may call the service. A second Ctrl-C, or the end of their grace (clocks.c), makes the hook raise at every
// instruction from then on.
//
//   running ── SIGINT ──► unwinding: <close> variables run ── SIGINT, grace ──► merciless ── SIGINT ──► the process ends
//
// What no hook reaches, as a finalizer that loops (with --trust), the third Ctrl-C ends: it ends the process.
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

#include "internal.h"

enum { LETHAL_PRESSES = 3 };

int body_raise_unwinding(lua_State *L) {
  static const char *const words[] = {"cancelled", "interrupted", "exit", "timed out", "ran too long"};
  lvm *vm = vm_of(L);
  if (vm->task) *extra(vm->task) = (*extra(vm->task) & ~(uintptr_t)MARK_CANCELLED) | MARK_UNWINDING;
  look_whether_to_stop(vm);
  lua_pushstring(L, words[vm->unwinding]);
  return lua_error(L);
}

// Where it was, for the report: the hook is called with the line about to run.
static void body_keep_place(lua_State *L, lua_Debug *activation) {
  lvm *vm = vm_of(L);
  if (vm->unwinding_place[0]) return;
  lua_getinfo(L, "Sl", activation);
  if (activation->currentline > 0)
    snprintf(vm->unwinding_place, sizeof vm->unwinding_place, "%s:%d", activation->short_src, activation->currentline);
}

static void body_hook(lua_State *L, lua_Debug *activation) {
  lvm *vm = vm_of(L);
  if (!vm->merciless) lua_sethook(L, NULL, 0, 0);
  if (!must_stop(vm)) return;
  body_keep_place(L, activation);
  body_raise_unwinding(L);
}

void arm(lua_State *L) { lua_sethook(L, body_hook, LUA_MASKCALL | LUA_MASKRET | LUA_MASKLINE | LUA_MASKCOUNT, 1); }

void lvm_unwind_now(lvm *vm, lvm_unwind reason) {
  if (vm->unwinding != LVM_RUNNING) return;
  vm->unwinding = reason;
  look_whether_to_stop(vm);
  begin_grace(vm);
  lua_State *running = vm->running;
  if (running) arm(running);
}

void lvm_interrupt(lvm *vm) {
  if (vm->unwinding == LVM_RUNNING) return lvm_unwind_now(vm, LVM_INTERRUPTED);
  vm->merciless = 1;
  look_whether_to_stop(vm);
  lua_State *running = vm->running;
  if (running) arm(running);
}

lvm_unwind lvm_unwinding(lvm *vm) { return (lvm_unwind)vm->unwinding; }
bool lvm_is_merciless(lvm *vm) { return vm->merciless; }
bool lvm_must_unwind(lvm *vm) { return must_stop(vm) || (vm->task && has_mark(vm->task, MARK_CANCELLED)); }
const char *lvm_unwinding_place(lvm *vm) { return vm->unwinding_place; }

void lvm_run_begin(lvm *vm) {
  vm->unwinding = LVM_RUNNING;
  vm->merciless = vm->stop = 0;
  vm->unwinding_place[0] = 0;
  vm->presses = 0;
  begin_clocks(vm);
  vm->executing = 1;
}

void lvm_run_end(lvm *vm) {
  vm->executing = 0;
  vm->unwinding = LVM_RUNNING;
  vm->merciless = vm->stop = 0;
}

// What the handler reads. One universe at a time listens to signals.
static lvm *_Atomic listening;
static int wake[2] = {-1, -1};
static atomic_int arrived;
static struct termios terminal;
static volatile sig_atomic_t has_terminal;
static pthread_t owner;  // the thread that runs Lua

// A signal to the process may reach any thread, but a hook may be set only where Lua runs, or beside it when it is
// stopped by this very handler.
static bool is_elsewhere(int signal) {
  if (pthread_equal(pthread_self(), owner)) return false;
  pthread_kill(owner, signal);
  return true;
}

// Ends a poll, whoever waits in it.
static void wake_loop(char reason) {
  if (write(wake[1], &reason, 1) < 0) {
    // A full pipe wakes its reader just as well.
  }
}

static void on_interrupt(int signal) {
  int saved = errno;
  if (is_elsewhere(signal)) {
    errno = saved;
    return;
  }
  atomic_fetch_add(&arrived, 1);
  wake_loop('i');
  lvm *vm = atomic_load(&listening);
  if (vm && vm->executing) {
    if (++vm->presses >= LETHAL_PRESSES) {
      if (has_terminal) tcsetattr(STDIN_FILENO, TCSANOW, &terminal);
      _exit(130);
    }
    if (vm->presses == LETHAL_PRESSES - 1) {
      static const char warning[] = "\nmoongate: not waiting for anything any more; Ctrl-C once more ends Moongate\n";
      if (write(STDERR_FILENO, warning, sizeof warning - 1) < 0) {
        // Then nobody reads it.
      }
    }
    lvm_interrupt(vm);
  }
  errno = saved;
}

static void on_alarm(int signal) {
  int saved = errno;
  if (!is_elsewhere(signal)) {
    lvm *vm = atomic_load(&listening);
    if (vm && vm->executing) {
      look_at_clocks(vm);
      if (is_unwinding(vm)) wake_loop('t');
    }
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
  if (vm) vm->listens = true;
  struct sigaction action = {.sa_handler = on_interrupt};  // no SA_RESTART: a blocking read must end
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, NULL);
  action.sa_handler = on_alarm;
  sigaction(SIGALRM, &action, NULL);
  open_clocks();
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
  vm->listens = false;
  lvm *expected = vm;
  atomic_compare_exchange_strong(&listening, &expected, NULL);
}
