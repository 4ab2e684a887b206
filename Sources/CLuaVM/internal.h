// What the C files of CLuaVM share. Protected bodies, functions that Lua calls and that may raise, are named body_*;
// nothing else in this target may call what can raise (Tests/Support/check_boundary.py).
#ifndef CLUAVM_INTERNAL_H
#define CLUAVM_INTERNAL_H
#include <lua5.4/lauxlib.h>
#include <lua5.4/lua.h>
#include <lua5.4/lualib.h>
#include <signal.h>
#include <stdatomic.h>
#include <time.h>

#include "CLuaVM.h"
#include "pattern.h"

struct member {
  const char *name;
  size_t length;
  const char *head;  // as it is written before the value: "Name": and what is between its quotes
  int shape;
  int next;    // the member that came after this one last time; services keep an order
  int misses;  // how often a text of it had not come before, in the document that is built
};

enum {
  MOST_MEMBERS = 64,  // one bit each in sets of them
  // Members of a lazy row that move into the table one by one before it is filled: with three of six it took more than to
  // make the table at once, 8,400 instructions instead of 7,700.
  MOST_MOVED_MEMBERS = 2,
};

struct shape {
  lvm_shape_kind kind;
  int item;
  int metatable;  // registry references, LUA_NOREF for none
  int lazy_metatable;
  struct member *members;
  int count;
  int first;      // the member that came first last time
  int usual;      // how many items the last list had
  // Of a record, since builder.c looked at them last: rows that were to be lazy, and of how many of these the table was made
  // all the same. Whether rows are better made whole.
  int tried_rows, whole_rows;
  bool is_wanted_whole;
};

// What a lazy row holds instead of its members (lazy.c): what each of them is, by its number, for as many as its shape has,
// and behind those all of the text that they lie in.
union lazy_member {
  struct {
    uint32_t start, length;  // of a string, in the text
  };
  int64_t microseconds;  // of a timestamp
};
struct lazy_row {
  int shape;
  int reads;
  uint64_t sent;   // members that have not moved into the table
  uint64_t dated;  // members that are timestamps
  union lazy_member members[];
};

// A compiled pattern of strings.c.
enum { PATTERN_ROOM = 768, PATTERN_KEPT_LENGTH = 64, PATTERNS_KEPT = 16 };
struct kept_pattern {
  bool is_used;
  char text[PATTERN_KEPT_LENGTH];
  size_t length;
  struct pattern pattern;
  _Alignas(void *) char room[PATTERN_ROOM];
};

// clocks.c's. Times are nanoseconds of CLOCK_MONOTONIC; 0 stands for none.
struct clocks {
  int64_t run_limit, waiting_limit;      // what was asked for
  volatile int64_t run_end, running_since, grace_end, paused_at;
  int pauses;
};

// memory.c's: lists of free blocks by their size, and what is left of the chunk that new ones are cut from, the first.
enum { GRAIN = 16, SMALL = 1024 };
struct heap {
  struct block *free[SMALL / GRAIN + 1];
  struct chunk *chunks;
  char *next, *end;
  size_t held, trim_at;  // bytes of all chunks, and with how many trim_heap looks again
};

struct lvm {
  lua_State *main;
  void *host;
  lvm_host_call call;
  lvm_profile profile;
  struct heap heap;
  size_t used, limit;
  size_t paid_at;                      // what was in use when the collector last got its due
  size_t owed;                         // what was taken, as far as the collector has not worked for it
  size_t due;                          // between two cycles the collector rests until so much is in use
  bool rests;                          // it does: no cycle is under way
  bool in_host;
  volatile sig_atomic_t is_loading;    // a part is being made (late.c): nothing interrupts that
  lua_State *loader;                   // the coroutine on which parts are made
  bool has_timestamps, has_names;      // LVM_TIMESTAMPS, LVM_NAMES were asked for
  long fail_from, allocations;         // the sweep test's
  lua_State *volatile running;         // the coroutine whose code runs; the signal handler hooks this one
  volatile sig_atomic_t executing;     // between lvm_run_begin and lvm_run_end
  volatile sig_atomic_t unwinding;     // lvm_unwind
  volatile sig_atomic_t merciless;     // <close> variables are cut short
  volatile sig_atomic_t stop;          // must_stop, for loops that look at one number
  volatile sig_atomic_t presses;       // SIGINTs during this run
  lua_State *task;                     // the task that is resumed, when one is
  char unwinding_place[80];            // where the unwinding began
  struct clocks clocks;
  bool listens;                        // signals and the timer are for this universe
  uint64_t operation;                  // what the last park waits for
  bool parked;                         // a yield that is a park, on its way out through the script's coroutines
  int closing;                         // depth of coroutine.close and task unwinding
  int error_metatable;                 // registry references
  char record_key, shape_key, handle_key, secret_key, traceback_key;  // their addresses are keys that no script can make
  char target_key, anchors_key, original_key, library_key, environment_key, late_libraries_key;
  lua_Integer row_key;                 // of the field of a lazy row; 0 where no row is lazy
  const void *no_lazy_row;             // the table that was found not to be one last
  bool is_silent;                      // warn("@off")
  struct shape *shapes;
  int shape_count;
  struct kept_pattern patterns[PATTERNS_KEPT];
};

// A coroutine's extra space holds its universe with marks in the pointer's low bits: new threads copy the main
// thread's, which has none. The last two are a task's: it is to be unwound when it goes on, and it is being unwound.
enum { MARK_TASK = 1, MARK_PARKED = 2, MARK_CANCELLED = 4, MARK_UNWINDING = 8, MARKS = 15 };

static inline uintptr_t *extra(lua_State *L) { return (uintptr_t *)lua_getextraspace(L); }
static inline lvm *vm_of(lua_State *L) { return (lvm *)(*extra(L) & ~(uintptr_t)MARKS); }
static inline bool has_mark(lua_State *L, uintptr_t mark) { return (*extra(L) & mark) != 0; }

// memory.c: the allocator, and its end, when nothing of it is in use any more.
void *allocate(void *context, void *block, size_t old, size_t new);
void free_chunks(lvm *vm);
// Gives back the chunks of which every block is free.
void trim_heap(struct heap *heap);
// Host section. Lets the universe know of each end of a cycle of its collector.
void watch_collector(lvm *vm);
void pay_collector(lvm *vm);

// interrupt.c: hooks the running coroutine so that its next instruction raises.
void arm(lua_State *L);
// True while a run is being unwound.
static inline bool is_unwinding(lvm *vm) { return vm->unwinding != LVM_RUNNING; }
// True while the task that runs is being unwound, which is when its <close> variables run.
static inline bool is_task_unwinding(lvm *vm) { return vm->task && has_mark(vm->task, MARK_UNWINDING); }
// True when what runs must be unwound: not again when only its <close> variables run, unless their time is over.
static inline bool must_stop(lvm *vm) {
  if (vm->is_loading) return false;
  return vm->merciless || (is_unwinding(vm) && !is_task_unwinding(vm));
}
// Brings `stop` up to date, and tells it. The second look is for a signal that comes between the first and the writing.
static inline bool look_whether_to_stop(lvm *vm) {
  vm->stop = must_stop(vm);
  if (must_stop(vm)) vm->stop = 1;
  return vm->stop;
}
// Unwinds the task that runs.
int body_raise_unwinding(lua_State *L);
// For loops in C that no hook reaches.
static inline void body_look_up(lua_State *L) {
  if (must_stop(vm_of(L))) body_raise_unwinding(L);
}

// protect.c: pcall and xpcall, which let an unwinding pass. `was_unwinding` is how things stood before the protected
// call: what a <close> variable catches itself is its own.
bool passes_on(lvm *vm, bool was_unwinding);
void body_open_protected(lua_State *L);

// clocks.c: limits of time.
void look_at_clocks(lvm *vm);
bool open_clocks(void);
void begin_clocks(lvm *vm);
void begin_grace(lvm *vm);
void set_running(lvm *vm, bool running);

// sandbox.c: builds the globals, and guards them; run under lua_pcall.
int body_open_libraries(lua_State *L);
int body_seal(lua_State *L);
// The functions that are ours, set into the table on top: base.c, strings.c, tables.c, streams.c; and lazy.c, below.
void body_open_base(lua_State *L);
void body_open_strings(lua_State *L);
void body_open_tables(lua_State *L);
void body_open_streams(lua_State *L);
// streams.c: writes the text at an index.
void body_write_value(lua_State *L, int index, bool to_stderr);
// guards.c: the metatables that a script may set, and the libraries that it may not change. On the stack: globals.
void body_guard(lua_State *L);
// lazy.c: lets rows be lazy.
void allow_lazy_rows(lvm *vm);
// Host section. Makes the row below the top, a table, what the userdata on top holds, which it pops. The metatable of lazy
// rows of its shape stands at an index; the other pushes it.
void make_lazy(lua_State *L, int lazy_metatable);
void push_lazy_metatable(lua_State *L, int shape);
// Host section. Fills the row at an index, a table, when it is lazy; and the same for functions of scripts.
void fill_row(lua_State *L, int index);
void body_fill_row(lua_State *L, int index);
// Pushes the member that the string at index 2 names, when the row at index 1 is lazy and still has it; the table of the
// record's names is at an index.
bool body_push_lazy_member(lua_State *L, int names);
void body_open_lazy(lua_State *L);
// timestamps.c: Host section. Gives timestamps their metatable, before the first is pushed.
void provide_timestamps(lvm *vm);
// base.c: what tostring gives, pushed; in snippets without addresses. Loads a text so that Ctrl-C ends it.
const char *body_tolstring(lua_State *L, int index, size_t *length);
int load_text(lua_State *L, const char *text, size_t length, const char *name);
// coroutine.c: the replacements of the coroutine library.
int body_open_coroutine(lua_State *L);
// door.c: enters Swift; what a host function is to Lua; whether a wait here can be a yield; and the wait that cannot.
int enter(lua_State *L, lvm_phase phase, uint64_t id);
int body_trampoline(lua_State *L);
bool can_park(lua_State *L);
void body_wait_in_place(lua_State *L);
// Raises Lua's memory error when more is in use than may be.
void body_check_memory(lua_State *L);
// late.c: what finds late names; and keeps a copy of the globals on top, which it leaves there, for chunks of the prelude.
int body_late_index(lua_State *L);
void body_keep_environment(lua_State *L);
void body_copy_table(lua_State *L, int from);
void body_copy_into(lua_State *L, int from, int to);

// Leaves the host section for the call of Lua code between these two, and lets the collector do what is due.
static inline void leave_host(lvm *vm) {
  // A part that is being made stays in it: half of a chunk would be there otherwise when memory ends (late.c).
  if (vm->is_loading) return;
  vm->in_host = false;
  lua_gc(vm->main, LUA_GCRESTART);
  pay_collector(vm);
}
static inline void enter_host(lvm *vm) {
  lua_gc(vm->main, LUA_GCSTOP);
  vm->in_host = true;
}

// The name of the prelude's chunk, which error positions skip.
#define PRELUDE_NAME "=moongate"
#endif
