// Clocks: limits of time, without a hook and without a poll.
//
// One timer of the system, of one shot: it is set to the first moment at which a limit may be over, and its signal takes
// the same way as Ctrl-C (interrupt.c). There it looks whether one is over, and sets the timer anew. Without a limit of
// running a task that goes on makes no system call; with one it sets the timer, so that it never rings early: it would
// end a read of standard input.
#include "internal.h"

enum { GRACE_SECONDS = 5 };
static const int64_t SECOND = 1000000000;

static timer_t timer;
static bool has_timer;

static int64_t now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec * SECOND + time.tv_nsec;
}

bool open_clocks(void) {
  if (has_timer) return true;
  struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
  has_timer = timer_create(CLOCK_MONOTONIC, &event, &timer) == 0;
  return has_timer;
}

// Async-signal-safe, as POSIX says of timer_settime. 0 stops it.
static void ring_at(lvm *vm, int64_t moment) {
  if (!has_timer || !vm->listens) return;
  struct itimerspec when = {.it_value = {.tv_sec = moment / SECOND, .tv_nsec = moment % SECOND}};
  timer_settime(timer, TIMER_ABSTIME, &when, NULL);
}

static int64_t sooner(int64_t a, int64_t b) { return !a || (b && b < a) ? b : a; }

// The first moment at which something may be over; what does not run now cannot have run too long before a full limit.
static int64_t next_moment(struct clocks *clocks, int64_t time) {
  int64_t running_since = clocks->running_since ? clocks->running_since : time;
  int64_t next = sooner(clocks->run_end, clocks->waiting_limit ? running_since + clocks->waiting_limit : 0);
  return sooner(next, clocks->grace_end);
}

void look_at_clocks(lvm *vm) {
  struct clocks *clocks = &vm->clocks;
  if (clocks->paused_at) return;
  int64_t time = now();
  if (clocks->grace_end) {
    if (time >= clocks->grace_end) lvm_interrupt(vm);
    else ring_at(vm, clocks->grace_end);
    return;
  }
  if (clocks->run_end && time >= clocks->run_end) return lvm_unwind_now(vm, LVM_TIMED_OUT);
  if (clocks->waiting_limit && clocks->running_since && time >= clocks->running_since + clocks->waiting_limit)
    return lvm_unwind_now(vm, LVM_RAN_TOO_LONG);
  ring_at(vm, next_moment(clocks, time));
}

// From the first unwinding on only the grace counts.
void begin_grace(lvm *vm) {
  vm->clocks.grace_end = now() + GRACE_SECONDS * SECOND;
  ring_at(vm, vm->clocks.grace_end);
}

void begin_clocks(lvm *vm) {
  struct clocks *clocks = &vm->clocks;
  int64_t time = now();
  clocks->run_end = clocks->run_limit ? time + clocks->run_limit : 0;
  clocks->running_since = clocks->grace_end = clocks->paused_at = 0;
  clocks->pauses = 0;
  ring_at(vm, next_moment(clocks, time));
}

void set_running(lvm *vm, bool running) {
  struct clocks *clocks = &vm->clocks;
  if (!clocks->waiting_limit || is_unwinding(vm)) return;
  clocks->running_since = running ? now() : 0;
  if (running) ring_at(vm, next_moment(clocks, clocks->running_since));
}

void lvm_limit_time(lvm *vm, int64_t run, int64_t without_waiting) {
  vm->clocks.run_limit = run;
  vm->clocks.waiting_limit = without_waiting;
}

void lvm_pause_clocks(lvm *vm) {
  if (vm->clocks.pauses++ > 0) return;
  vm->clocks.paused_at = now();
  ring_at(vm, 0);
}

void lvm_resume_clocks(lvm *vm) {
  struct clocks *clocks = &vm->clocks;
  if (clocks->pauses == 0 || --clocks->pauses > 0) return;
  int64_t time = now(), pause = time - clocks->paused_at;
  if (clocks->run_end) clocks->run_end += pause;
  if (clocks->running_since) clocks->running_since += pause;
  if (clocks->grace_end) clocks->grace_end += pause;
  clocks->paused_at = 0;
  ring_at(vm, next_moment(clocks, time));
}
