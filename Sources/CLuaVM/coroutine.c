// The coroutine library of scripts: resume, wrap and close know of parked calls and of interruption.
//
// A host call that waits yields with `parked` set. That yield belongs to the task, not to the script's coroutine in
// which it happened, so resume and wrap pass it outwards, and go on with the inner coroutine when they are resumed:
//
//   task ── resume ── co ── wrap ── gen ── get_gateway()      a script generator that calls the service
//   ◄────── yield ◄──────── yield ◄──────── park              the event loop turns, other tasks run
//   ──────► drive ────────► drive ────────► finish
//
// `running` always names the coroutine whose code runs, so that Ctrl-C can hook exactly that one: a hook on the main
// thread alone does not stop a loop in a coroutine. Deep nesting of close overflows the C stack of Lua 5.4.4, hence its bound.
#include "internal.h"

// Each closed coroutine may again nest some 190 C levels of 2.5 KB: ten of them are 5 MB of the stack's 8.
enum { CLOSE_DEPTH = 10 };

// Whether the coroutine is the first argument of resume, or the upvalue of a wrap function; and whether the task was
// being unwound already, so that what a <close> variable drives is its own matter (protect.c).
enum { AS_RESUME, AS_WRAP, WAS_UNWINDING = 2 };

static int body_drive(lua_State *L, int arguments, int kind);

static int body_drive_on(lua_State *L, int status, lua_KContext kind) {
  (void)status;
  return body_drive(L, 0, (int)kind);
}

// Runs the coroutine's to-be-closed variables. Inside, a call waits in place.
static int body_close_coroutine(lua_State *L, lua_State *co) {
  lvm *vm = vm_of(L);
  bool was_unwinding = is_task_unwinding(vm);
  vm->closing++;
  vm->running = co;
  if (must_stop(vm)) arm(co);
  int status = lua_resetthread(co);
  vm->running = L;
  vm->closing--;
  if (must_stop(vm) || passes_on(vm, was_unwinding)) {
    arm(L);
    body_raise_unwinding(L);
  }
  return status;
}

// Ends what runs in L when an unwinding began in the coroutine below it, or passed it by; also when the coroutine yielded
// meanwhile, which its <close> variables may. Only a call that they wait for is waited for.
static void body_pass_on_unwinding(lua_State *L, lua_State *co, int status, int kind) {
  lvm *vm = vm_of(L);
  bool failed = status != LUA_OK && status != LUA_YIELD;
  bool waits = status == LUA_YIELD && vm->parked;
  if (!must_stop(vm) && (waits || !passes_on(vm, kind & WAS_UNWINDING))) return;
  if (failed && vm->closing < CLOSE_DEPTH) body_close_coroutine(L, co);
  arm(L);
  body_raise_unwinding(L);
}

// The inner coroutine failed with the value on its top.
static int body_fail(lua_State *L, lua_State *co, int kind) {
  if (kind == AS_RESUME) {
    lua_xmove(co, L, 1);
    lua_pushboolean(L, 0);
    lua_insert(L, -2);
    return 2;
  }
  // As in Lua's own auxwrap: close it, and say where the error passed if it is a text. A coroutine that could not even
  // be resumed (C stack overflow) still stands at its yield.
  int status = lua_status(co);
  if (vm_of(L)->closing < CLOSE_DEPTH && status != LUA_OK && status != LUA_YIELD) body_close_coroutine(L, co);
  lua_xmove(co, L, 1);
  if (lua_type(L, -1) == LUA_TSTRING) {
    luaL_where(L, 1);
    lua_insert(L, -2);
    lua_concat(L, 2);
  }
  return lua_error(L);
}

static int body_drive(lua_State *L, int arguments, int kind) {
  lvm *vm = vm_of(L);
  lua_State *co = lua_tothread(L, kind & AS_WRAP ? lua_upvalueindex(1) : 1);
  int status, results;
  for (;;) {
    *extra(co) &= ~(uintptr_t)MARK_PARKED;
    vm->parked = false;
    vm->running = co;
    if (must_stop(vm)) arm(co);
    status = lua_resume(co, L, arguments, &results);
    vm->running = L;
    body_pass_on_unwinding(L, co, status, kind);
    if (status != LUA_YIELD || !vm->parked) break;
    lua_settop(co, lua_gettop(co) - results);
    // A coroutine can always yield; whether the yield can pass on outwards is this level's to know.
    if (!can_park(L)) {
      body_wait_in_place(L);
      arguments = 0;
      continue;
    }
    *extra(co) |= MARK_PARKED;
    vm->parked = true;
    return lua_yieldk(L, 0, kind, body_drive_on);
  }
  if (status != LUA_OK && status != LUA_YIELD) return body_fail(L, co, kind & AS_WRAP);
  kind &= ~WAS_UNWINDING;
  if (!lua_checkstack(L, results + 1)) {
    lua_settop(co, lua_gettop(co) - results);
    if (kind == AS_WRAP) return luaL_error(L, "too many results to resume");
    lua_pushboolean(L, 0);
    lua_pushliteral(L, "too many results to resume");
    return 2;
  }
  if (kind == AS_RESUME) lua_pushboolean(L, 1);
  lua_xmove(co, L, results);
  return kind == AS_RESUME ? results + 1 : results;
}

// Why a coroutine cannot be resumed, or null.
static const char *refusal(lua_State *L, lua_State *co) {
  if (co == L || has_mark(co, MARK_TASK)) return "cannot resume non-suspended coroutine";
  if (has_mark(co, MARK_PARKED)) return "cannot resume a coroutine that waits for a call";
  if (lua_status(co) == LUA_OK) {
    lua_Debug frame;
    if (lua_getstack(co, 0, &frame)) return "cannot resume non-suspended coroutine";
    if (lua_gettop(co) <= 0) return "cannot resume dead coroutine";
  } else if (lua_status(co) != LUA_YIELD) {
    return "cannot resume dead coroutine";
  }
  return NULL;
}

static int body_start(lua_State *L, lua_State *co, int arguments, int kind) {
  const char *problem = refusal(L, co);
  if (!problem && !lua_checkstack(co, arguments)) problem = "too many arguments to resume";
  if (problem && kind == AS_WRAP) return luaL_error(L, "%s", problem);
  if (problem) {
    lua_pushboolean(L, 0);
    lua_pushstring(L, problem);
    return 2;
  }
  lua_xmove(L, co, arguments);
  return body_drive(L, arguments, is_task_unwinding(vm_of(L)) ? kind | WAS_UNWINDING : kind);
}

static lua_State *body_check_coroutine(lua_State *L) {
  lua_State *co = lua_tothread(L, 1);
  luaL_argexpected(L, co, 1, "coroutine");
  return co;
}

static int body_resume(lua_State *L) {
  lua_State *co = body_check_coroutine(L);
  return body_start(L, co, lua_gettop(L) - 1, AS_RESUME);
}

static int body_wrapped(lua_State *L) {
  return body_start(L, lua_tothread(L, lua_upvalueindex(1)), lua_gettop(L), AS_WRAP);
}

static int body_wrap(lua_State *L) {
  luaL_checktype(L, 1, LUA_TFUNCTION);
  lua_State *co = lua_newthread(L);
  lua_pushvalue(L, 1);
  lua_xmove(L, co, 1);
  lua_pushcclosure(L, body_wrapped, 1);
  return 1;
}

static int body_close(lua_State *L) {
  lvm *vm = vm_of(L);
  lua_State *co = body_check_coroutine(L);
  lua_Debug frame;
  bool idle = lua_status(co) != LUA_OK || !lua_getstack(co, 0, &frame);
  if (co == L) return luaL_error(L, "cannot close a running coroutine");
  if (has_mark(co, MARK_TASK) || !idle) return luaL_error(L, "cannot close a normal coroutine");
  if (has_mark(co, MARK_PARKED)) return luaL_error(L, "cannot close a coroutine that waits for a call");
  if (vm->closing >= CLOSE_DEPTH) return luaL_error(L, "coroutines close each other too deeply");
  int status = body_close_coroutine(L, co);
  if (status == LUA_OK) {
    lua_pushboolean(L, 1);
    return 1;
  }
  lua_pushboolean(L, 0);
  lua_xmove(co, L, 1);
  return 2;
}

// The main chunk runs on a task, a coroutine that the script must not notice.
static int body_yield(lua_State *L) {
  if (has_mark(L, MARK_TASK)) return luaL_error(L, "attempt to yield from outside a coroutine");
  return lua_yield(L, lua_gettop(L));
}

static int body_isyieldable(lua_State *L) {
  lua_State *co = lua_isthread(L, 1) ? lua_tothread(L, 1) : L;
  lua_pushboolean(L, !has_mark(co, MARK_TASK) && lua_isyieldable(co));
  return 1;
}

static int body_running(lua_State *L) {
  lua_pushthread(L);
  lua_pushboolean(L, has_mark(L, MARK_TASK));
  return 2;
}

int body_open_coroutine(lua_State *L) {
  static const luaL_Reg functions[] = {
      {"resume", body_resume}, {"wrap", body_wrap},       {"close", body_close}, {"yield", body_yield},
      {"running", body_running}, {"isyieldable", body_isyieldable}, {NULL, NULL},
  };
  luaL_requiref(L, LUA_COLIBNAME, luaopen_coroutine, 0);
  luaL_setfuncs(L, functions, 0);
  return 1;
}
