// A universe: its life, its tasks.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// Lua calls this for an error outside any protected call, which the rules of this target exclude.
static int panic(lua_State *L) {
  const char *message = lua_type(L, -1) == LUA_TSTRING ? lua_tolstring(L, -1, NULL) : "?";
  fprintf(stderr, "moongate: internal error: unprotected Lua error: %s\n", message);
  abort();
}

lvm *lvm_open(void *host, lvm_host_call call, lvm_profile profile, size_t limit) {
  // Aligned to 16, so that the four low bits of its address are free for marks.
  lvm *vm = calloc(1, sizeof *vm);
  if (!vm) return NULL;
  vm->host = host;
  vm->call = call;
  vm->profile = profile;
  vm->error_metatable = LUA_NOREF;
  vm->main = lua_newstate(allocate, vm);
  if (!vm->main) {
    free_chunks(vm);
    free(vm);
    return NULL;
  }
  *extra(vm->main) = (uintptr_t)vm;
  lua_atpanic(vm->main, panic);
  lua_pushcfunction(vm->main, body_open_libraries);
  if (lua_pcall(vm->main, 0, 0, 0) != LUA_OK) {
    lvm_close(vm);
    return NULL;
  }
  vm->limit = limit;
  if (profile != LVM_TRUSTED) allow_lazy_rows(vm);
  enter_host(vm);
  watch_collector(vm);
  // What top level needs at once is a few values; copies of deep tables ask for their own.
  lua_checkstack(vm->main, LUA_MINSTACK * 5);
  return vm;
}

bool lvm_seal(lvm *vm) {
  leave_host(vm);
  lua_pushcfunction(vm->main, body_seal);
  bool sealed = lua_pcall(vm->main, 0, 0, 0) == LUA_OK;
  enter_host(vm);
  if (!sealed) lua_settop(vm->main, lua_gettop(vm->main) - 1);
  return sealed;
}

// Handles are released while a universe closes; its host may be half gone by then.
static int closed(lua_State *L, void *host, lvm_phase phase, uint64_t id) {
  (void)L, (void)host, (void)phase, (void)id;
  return 0;
}

void lvm_close(lvm *vm) {
  lvm_signals_end(vm);
  vm->call = closed;
  lua_close(vm->main);
  for (int i = 0; i < vm->shape_count; i++) {
    for (int j = 0; j < vm->shapes[i].count; j++) free((char *)vm->shapes[i].members[j].name);
    free(vm->shapes[i].members);
  }
  free(vm->shapes);
  free_chunks(vm);
  free(vm);
}

lua_State *lvm_main(lvm *vm) { return vm->main; }
size_t lvm_used(lvm *vm) { return vm->used; }

void lvm_collect(lvm *vm) {
  leave_host(vm);
  lua_gc(vm->main, LUA_GCCOLLECT);
  enter_host(vm);
}

void lvm_fail_from(lvm *vm, long n) {
  vm->fail_from = n;
  vm->allocations = 0;
}

// Keeps the traceback of an error that nobody will catch, while the stack still stands.
static int body_keep_traceback(lua_State *L) {
  luaL_traceback(L, L, NULL, 1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->traceback_key);
  return 1;
}

static int body_after_script(lua_State *L, int status, lua_KContext context) {
  (void)context;
  if (status != LUA_OK && status != LUA_YIELD) return lua_error(L);
  return lua_gettop(L) - 1;
}

// What a task runs: the script, protected. An error that a hook raised leaves hooks switched off in its coroutine
// until a protected call is left; without this one, a loop in a <close> variable could not be interrupted.
static int body_script(lua_State *L) {
  lua_pushcfunction(L, body_keep_traceback);
  lua_insert(L, 1);
  return body_after_script(L, lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 1, 0, body_after_script), 0);
}

void lvm_push_traceback(lua_State *L) { lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->traceback_key); }

// Host section: cannot fail. The registry keeps the thread alive under its own address.
lua_State *lvm_task(lvm *vm) {
  lua_checkstack(vm->main, 2);
  lua_State *task = lua_newthread(vm->main);
  *extra(task) = (uintptr_t)vm | MARK_TASK;
  lua_rawsetp(vm->main, LUA_REGISTRYINDEX, task);
  lua_pushcfunction(task, body_script);
  return task;
}

lvm_status lvm_load(lua_State *task, const char *source, size_t length, const char *name) {
  lvm *vm = vm_of(task);
  leave_host(vm);
  int status = load_text(task, source, length, name);
  enter_host(vm);
  if (status == LUA_OK) return LVM_FINISHED;
  return status == LUA_ERRMEM ? LVM_NO_MEMORY : LVM_SYNTAX_ERROR;
}

lvm_status lvm_resume(lua_State *task, int arguments, int *results) {
  lvm *vm = vm_of(task);
  vm->parked = false;
  vm->task = task;
  // First the name, then the look: an interruption in between would hook nobody.
  vm->running = task;
  if (look_whether_to_stop(vm)) arm(task);
  set_running(vm, true);
  // To body_script, the chunk is an argument too.
  if (lua_status(task) == LUA_OK) arguments++;
  leave_host(vm);
  int status = lua_resume(task, NULL, arguments, results);
  set_running(vm, false);
  vm->running = NULL;
  vm->task = NULL;
  look_whether_to_stop(vm);
  enter_host(vm);
  if (status == LUA_YIELD && vm->parked) {
    lua_settop(task, lua_gettop(task) - *results);
    *results = 0;
    return LVM_PARKED;
  }
  if (status == LUA_OK) {
    lua_checkstack(task, LUA_MINSTACK);
    return LVM_FINISHED;
  }
  *results = 1;
  lua_checkstack(task, LUA_MINSTACK);  // to look at the error; a stack that overflowed has none to spare
  return status == LUA_ERRMEM ? LVM_NO_MEMORY : LVM_FAILED;
}

uint64_t lvm_operation(lvm *vm) { return vm->operation; }
void lvm_park(lua_State *L, uint64_t operation) { vm_of(L)->operation = operation; }
void lvm_cancel(lua_State *task) { *extra(task) |= MARK_CANCELLED; }
bool lvm_is_unwound(lua_State *task) { return has_mark(task, MARK_UNWINDING); }

// Host section, but for the closing itself.
void lvm_discard(lua_State *task) {
  lvm *vm = vm_of(task);
  vm->closing++;
  leave_host(vm);
  vm->task = task;
  vm->running = task;
  if (look_whether_to_stop(vm)) arm(task);
  lua_resetthread(task);
  vm->running = NULL;
  vm->task = NULL;
  look_whether_to_stop(vm);
  enter_host(vm);
  vm->closing--;
  lua_pushnil(vm->main);
  lua_rawsetp(vm->main, LUA_REGISTRYINDEX, task);
}
