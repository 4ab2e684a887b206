// CLuaVM: everything of Lua that Swift may see. No function here can raise a Lua error.
//
// Lua raises errors by longjmp, and a jump over a Swift frame is undefined. So no Lua symbol is visible to Swift;
// Swift is entered through one door (door.c) and reports what it wants by an outcome number; the jump, if any,
// happens in C after the Swift frame is gone.
//
// Host section: while Swift runs, whether at top level or on behalf of a script, the collector is stopped and the
// memory limit is lifted. So a push cannot fail, no finalizer runs, and nothing re-enters Swift. The limit is checked
// in C when a script's call returns. Only `lvm_seal`, `lvm_load`, `lvm_join_locals`, `lvm_resume`, `lvm_discard`,
// `lvm_describe` and `lvm_collect` leave the host section, for their duration.
//
// Each comment states the effect on the stack in the manual's notation [-popped, +pushed].
#ifndef CLUAVM_H
#define CLUAVM_H
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#pragma clang assume_nonnull begin

typedef struct lvm lvm;              // one Lua universe
typedef struct lua_State lua_State;  // opaque to Swift

// MARK: Swift's side of the door

// Why Swift is entered.
typedef enum lvm_phase {
  LVM_CALL,    // a script called the host function `id`; its arguments are the stack
  LVM_FINISH,  // the parked operation `id` is to push its results
  LVM_WAIT,    // the script cannot be parked here: turn the event loop until operation `id` is complete
  LVM_PROVIDE, // make the part `id`; the name that was asked for is at 2. The results are a chunk's text and its arguments
} lvm_phase;

// What Swift answers: the number of results it pushed (≥ 0), or one of these.
enum {
  LVM_RAISE = -1,  // raise the value on top of the stack
  LVM_PARK = -2,   // wait for the operation given to `lvm_park`
  LVM_UNWIND = -3, // unwind the task: no pcall catches it, <close> variables run
};

// Parts that are asked for by what they give a metatable, by the first error, timestamp or secret; and what sets the parts'
// numbers by name, before the first name is looked for. Others follow.
enum { LVM_NAMES = -1, LVM_ERRORS, LVM_TIMESTAMPS, LVM_SECRETS, LVM_PARTS };

typedef int (*lvm_host_call)(lua_State *L, void *host, lvm_phase phase, uint64_t id);

// MARK: Life

// Whose code a universe runs, which decides what sandbox.c gives it.
typedef enum lvm_profile {
  LVM_OWN,      // the operator's own: all of Lua but debug, bytecode and C modules; files and processes by grant
  LVM_SNIPPET,  // somebody else's: the strict allowlist
  LVM_TRUSTED,  // the operator's own with --trust: the full standard library
} lvm_profile;

// Opens a universe with the libraries of its profile; null when memory is short. `limit` in bytes, 0 for none.
lvm *_Nullable lvm_open(void *host, lvm_host_call call, lvm_profile profile, size_t limit);
// Ends the time in which globals are unguarded: scripts find the guarded ones from then on.
// False when memory is short.
bool lvm_seal(lvm *vm);
void lvm_close(lvm *vm);
// The state for work at top level. Scripts never run on it.
lua_State *lvm_main(lvm *vm);
// Bytes in use by Lua.
size_t lvm_used(lvm *vm);
// Runs a full collection.
void lvm_collect(lvm *vm);
// For tests: every allocation outside the host section fails from the n-th on; 0 ends it.
void lvm_fail_from(lvm *vm, long n);

// MARK: Tasks

typedef enum lvm_status {
  LVM_FINISHED,      // the results are on the task's stack
  LVM_PARKED,        // waits for the operation `lvm_operation` names
  LVM_FAILED,        // the error value is on top
  LVM_SYNTAX_ERROR,  // of lvm_load: the message is on top
  LVM_NO_MEMORY,     // the message is on top
} lvm_status;

// A new coroutine to run a script on, kept alive until it is discarded. Its stack has one value of its own below all
// others, which the first resume takes.
lua_State *lvm_task(lvm *vm);
// Loads a text chunk onto a task's stack. Bytecode is refused. [-0, +1]
lvm_status lvm_load(lua_State *task, const char *source, size_t length, const char *name);
// Calls the chunk on top with the table that `lvm_keep` gave the number `locals` for, and puts the function that it
// returns in its place, its upvalues joined by name to the variables that the table keeps: functions, each with its
// variable as its only upvalue. False, with the error on top, when memory is short. [-1, +1]
bool lvm_join_locals(lua_State *task, int locals);
// Starts or continues a task with the `arguments` on top of its stack. [-arguments, +results or 1]
lvm_status lvm_resume(lua_State *task, int arguments, int *results);
// The operation that the task which just parked waits for.
uint64_t lvm_operation(lvm *vm);
// Called by Swift before it answers LVM_PARK.
void lvm_park(lua_State *L, uint64_t operation);
// Unwinds a task, running its to-be-closed variables, and lets go of it.
void lvm_discard(lua_State *task);

// Makes a parked task be unwound when it is resumed.
void lvm_cancel(lua_State *task);
// True once the unwinding of a task has begun.
bool lvm_is_unwound(lua_State *task);

// MARK: Interruption

typedef enum lvm_unwind {
  LVM_RUNNING,
  LVM_INTERRUPTED,   // Ctrl-C
  LVM_EXITING,       // the script called exit
  LVM_TIMED_OUT,     // the run's time is over
  LVM_RAN_TOO_LONG,  // the time without waiting is over
} lvm_unwind;

// Unwinds whatever runs in the universe; pcall and coroutines cannot swallow it. Async-signal-safe.
void lvm_unwind_now(lvm *vm, lvm_unwind reason);
// What Ctrl-C does: the first unwinds, the second cuts short the <close> variables that run then. Async-signal-safe.
void lvm_interrupt(lvm *vm);
lvm_unwind lvm_unwinding(lvm *vm);
// True when <close> variables are cut short.
bool lvm_is_merciless(lvm *vm);
// True when what runs is to be unwound now, and not its <close> variables only.
bool lvm_must_unwind(lvm *vm);
// "file:line" that ran when the unwinding began; empty where no Lua ran.
const char *lvm_unwinding_place(lvm *vm);
// A run is what one Ctrl-C ends: from the start of a script, or of a line typed, until nothing of it is left.
void lvm_run_begin(lvm *vm);
void lvm_run_end(lvm *vm);

// Limits of the runs to come, in nanoseconds, 0 for none: of all of it, and of running without waiting. They hold
// between `lvm_signals_begin` and `lvm_signals_end`.
void lvm_limit_time(lvm *vm, int64_t run, int64_t without_waiting);
// Between these two the clocks stand still; pairs nest.
void lvm_pause_clocks(lvm *vm);
void lvm_resume_clocks(lvm *vm);

// Makes SIGINT unwind what runs in `vm`, and write to a pipe in any case; returns the end to read, or -1.
// The third SIGINT during one run ends the process with 130, the terminal restored. Ignores SIGPIPE.
int lvm_signals_begin(lvm *_Nullable vm);
// How many SIGINTs arrived since the last call; drains the pipe.
int lvm_signals_take(void);
// After this, SIGINT reaches `vm` no more.
void lvm_signals_end(lvm *vm);

// MARK: Reading the stack

typedef enum lvm_type {
  LVM_NONE,
  LVM_NIL,
  LVM_BOOLEAN,
  LVM_INTEGER,
  LVM_NUMBER,
  LVM_STRING,
  LVM_TIMESTAMP,
  LVM_TABLE,
  LVM_FUNCTION,
  LVM_SECRET,
  LVM_OTHER,
} lvm_type;

int lvm_top(lua_State *L);
lvm_type lvm_type_at(lua_State *L, int index);
bool lvm_boolean(lua_State *L, int index);
int64_t lvm_integer(lua_State *L, int index);
double lvm_number(lua_State *L, int index);
// Null unless it is a string; valid while the value is on the stack.
const char *_Nullable lvm_string(lua_State *L, int index, size_t *length);
// Microseconds since the epoch.
int64_t lvm_timestamp(lua_State *L, int index);
// A number for the place so many calls above the host function: the same for each step of one `for` loop.
uint64_t lvm_caller(lua_State *L, int level);
// The shape of a record or list that `lvm_push_json` built, or -1.
int lvm_shape_at(lua_State *L, int index);
// Pushes what a value's metatable has under a name, as `__name`, or nil. [-0, +1]
void lvm_push_metafield(lua_State *L, int index, const char *name);
// The address of a table, a function or an object: the same value, the same number. 0 for all else.
uintptr_t lvm_identity(lua_State *L, int index);
// Pushes where a function of a script begins, as "stdin:1", or what an object is, as "coroutine"; nil for all else. [-0, +1]
void lvm_push_origin(lua_State *L, int index);
// True when the value is a host error: a table with the metatable set by `lvm_set_error_metatable`.
bool lvm_is_error(lua_State *L, int index);
// These look past metamethods but know lazy rows (lazy.c), which take five slots of the stack.
// Raw traversal of an unmodified table: replaces the key on top with the next key and value, or pops it. [-1, +2 or 0]
bool lvm_next(lua_State *L, int index);
// Pushes table[name] without metamethods. [-0, +1]
void lvm_push_field(lua_State *L, int index, const char *name, size_t length);
// Pushes table[i] without metamethods. [-0, +1]
void lvm_push_item(lua_State *L, int index, int64_t i);
// Puts table[key] in the place of the key on top, without metamethods. [-1, +1]
void lvm_push_raw(lua_State *L, int index);
// Pushes the table of globals. [-0, +1]
void lvm_push_globals(lua_State *L);
// Pushes the n-th variable that a function closes over, or nil where it has none. [-0, +1]
void lvm_push_upvalue(lua_State *L, int index, int n);
// Pushes what tostring would give, metamethods and all, or null when that fails. On the main state. [-0, +1 or 0]
const char *_Nullable lvm_describe(lua_State *L, int index, size_t *length);

// MARK: Pushing

// Room for `slots` more values; false when there is none.
bool lvm_reserve(lua_State *L, int slots);
void lvm_pop(lua_State *L, int count);
// Takes the value at an index out; those above it move down. [-1, +0]
void lvm_remove(lua_State *L, int index);
// [-0, +1] each
void lvm_push_nil(lua_State *L);
void lvm_push_boolean(lua_State *L, bool value);
void lvm_push_integer(lua_State *L, int64_t value);
void lvm_push_number(lua_State *L, double value);
void lvm_push_string(lua_State *L, const char *_Nullable bytes, size_t length);
void lvm_push_timestamp(lua_State *L, int64_t microseconds);
void lvm_push_table(lua_State *L, int items, int fields);
void lvm_push_copy(lua_State *L, int index);
// A function that enters Swift with this id.
void lvm_push_host_function(lua_State *L, uint32_t id);
// "file:line" of the script's code that called the host, or an empty string. [-0, +1]
void lvm_push_where(lua_State *L);
// A variable that the script's code which called the host sees by that name: a local, one it closes over, or a global.
// False, with nothing pushed, when there is none. [-0, +1 or 0]
bool lvm_push_variable(lua_State *L, const char *name);
// The line on which a function begins; -1 for one that is not Lua's, and for any other value.
int lvm_function_line(lua_State *L, int index);
// The traceback of the calls under way: a string. [-0, +1]
void lvm_push_calls(lua_State *L);
// The traceback of the task that failed last: a string, or nil. [-0, +1]
void lvm_push_traceback(lua_State *L);
// Keeps the value on top for later, by a number. [-1, +0]; and pushes a kept one. [-0, +1]
int lvm_keep(lua_State *L);
void lvm_push_kept(lua_State *L, int number);
// An opaque userdata that stands for something of Swift's by number, never by address; when Lua forgets it, it calls
// the function given to `lvm_set_handle_release`.
void lvm_push_handle(lua_State *L, uint64_t id);
// The number of a handle, or 0 for any other value.
uint64_t lvm_handle(lua_State *L, int index);
void lvm_set_handle_release(lvm *vm, uint32_t function);
// An opaque userdata that stands for a secret by number; the table on top becomes the metatable of all of them.
// [-0, +1]; [-1, +0]
void lvm_push_secret(lua_State *L, uint64_t number);
void lvm_set_secret_metatable(lua_State *L);
// The number of a secret, or 0 for any other value.
uint64_t lvm_secret(lua_State *L, int index);
// table[name] = the value on top, raw; of a table that is no record of an answer. [-1, +0]
void lvm_set_field(lua_State *L, int index, const char *name, size_t length);
// table[i] = the value on top, raw; likewise. [-1, +0]
void lvm_set_item(lua_State *L, int index, int64_t i);
// _G[name] = the value on top, raw. [-1, +0]
void lvm_set_global(lua_State *L, const char *name, size_t length);
// Moves `count` values between states of one universe. [-count, +count]
void lvm_move(lua_State *from, lua_State *to, int count);

// The table on top becomes the metatable of host errors, of timestamps, or the place where globals are looked up that
// a script has not set. [-1, +0]
void lvm_set_error_metatable(lua_State *L);
void lvm_set_timestamp_metatable(lua_State *L);
void lvm_set_global_fallback(lua_State *L);
// Puts into the table on top what the prelude goes over rows with: `flatten` and `loop` of rows.c. [-0, +0]
void lvm_set_rows(lua_State *L);

// MARK: Late names

// Makes the names of a table late: below the top the parts' numbers by name, on top the table behind it, or nil. [-2]
void lvm_set_late(lua_State *L);
// The same of names of a library, which the table on top has: they are taken out of it by `lvm_seal`, and chunks find it
// as `scripts.NAME`. [-1]
void lvm_set_late_library(lua_State *L, const char *name);
// Makes a part. False when it is broken.
bool lvm_provide(lvm *vm, int64_t part);
// Pushes the table behind the late one whose __index is the value at the index, else nil. [+1]
void lvm_push_behind(lua_State *L, int index);
// Gives the table on top the metatable of host errors. [-0, +0]
void lvm_mark_error(lua_State *L);

// MARK: Answers of the service, straight from the bytes

typedef enum lvm_shape_kind {
  LVM_SHAPE_TIMESTAMP,
  LVM_SHAPE_LIST,
  LVM_SHAPE_RECORD,
} lvm_shape_kind;

// Describes a shape; `item` is a list's item shape. Reading an unknown capitalised member of a record calls the host
// function `missing` with (record, member, shape). Returns the shape's number, or -1 when memory is short.
int lvm_shape(lvm *vm, lvm_shape_kind kind, int item, const char *name, uint32_t missing);
// Pops a value, and the record below it, which from then on reads the value as `target`. It is no field: `pairs` and
// everything that goes through a record pass it by.
void lvm_set_target(lua_State *L);
// Adds a member to a record's shape; at most 64. False when there is no room.
bool lvm_shape_member(lvm *vm, int record, const char *name, int shape);

// Builds the Lua value of a JSON document: records and lists as their shape says, timestamps where the shape has
// them, nulls left out, unknown members kept. `is_checked` where it is known to be in order. Null on success; else what
// is wrong, a static sentence, and nothing is pushed. [-0, +1 or 0]
const char *_Nullable lvm_push_json(lua_State *L, const char *bytes, size_t length, int shape, bool is_checked);

// Builds the Lua value of a script's own JSON: every list has the shape `list`, null is the value kept as `null`, and of
// two members of one name the last counts. On failure `offset` is where, in bytes. [-0, +1 or 0]
const char *_Nullable lvm_push_own_json(lua_State *L, const char *bytes, size_t length, int list, int null,
                                        size_t *offset);

// MARK: Files

// Pushes a file of Lua's io library that owns the descriptor from now on; `mode` as fopen takes it. With a `child`,
// closing it waits for that process and gives its end as os.execute does; 0 for none. False, with errno and nothing
// pushed, when there is no stream to be had. [-0, +1 or 0]
bool lvm_push_file(lua_State *L, int descriptor, const char *mode, int child);

// MARK: Standard streams

// Writes to stdout or stderr; on a terminal, control characters are made visible. False when the stream is closed.
bool lvm_write(bool to_stderr, const char *bytes, size_t length);
// The descriptors behind the streams are others now, and may be terminals or not.
void lvm_streams_changed(void);
// The same bytes as a terminal gets them; free() it. NULL when memory is short.
char *_Nullable lvm_visible(const char *bytes, size_t length, size_t *visible);
// Writes out what stdout still holds; false, with errno, when that fails.
bool lvm_flush(void);
// Writes it out too; 0, or why something that was written to stdout since the last call is lost, as an errno, -1 where that
// is not known.
int lvm_take_loss(void);
// True for what would drive a terminal instead of being seen: what `lvm_write` makes visible.
bool lvm_drives_terminal(uint32_t code);
// Columns that a character takes on a terminal: 0, 1 or 2.
int lvm_columns(uint32_t code);
// One line that stays below everything that is written, on the terminal behind stderr; an empty one takes it away.
// While it is held it is not drawn, for what is written by other means.
void lvm_set_bar(const char *_Nullable text, size_t length);
void lvm_hold_bar(bool held);
// From now on stdin, a terminal, gives each key as it is pressed and shows none; with `signals`, Ctrl-C and Ctrl-Z are what
// they always are, else keys like others. May be called again to change that. False where stdin is no terminal.
bool lvm_keys_begin(bool signals);
// Gives the terminal back the modes it had before.
void lvm_keys_end(void);

// What the Lua that runs says of itself: "$LuaVersion: Lua 5.4.4  Copyright …".
const char *lvm_lua_ident(void);

#pragma clang assume_nonnull end
#endif
