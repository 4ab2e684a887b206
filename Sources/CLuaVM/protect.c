// Protected calls of scripts: pcall and xpcall catch every error but an unwinding.
//
// Whether an error is one is not told by its value, which a <close> variable that fails replaces, but by the task: if its
// unwinding began within the protected call, the call passes on whatever came out of it.
#include "internal.h"

bool passes_on(lvm *vm, bool was_unwinding) { return vm->merciless || (is_task_unwinding(vm) && !was_unwinding); }

// On the stack: true, then the results; or anything, and the error on top.
static int body_after_pcall(lua_State *L, int status, lua_KContext was_unwinding) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L);
  if (passes_on(vm_of(L), was_unwinding)) return body_raise_unwinding(L);
  lua_pushboolean(L, 0);
  lua_insert(L, -2);
  return 2;
}

static int body_pcall(lua_State *L) {
  luaL_checkany(L, 1);
  lua_pushboolean(L, 1);
  lua_insert(L, 1);
  bool was_unwinding = is_task_unwinding(vm_of(L));
  int status = lua_pcallk(L, lua_gettop(L) - 2, LUA_MULTRET, 0, was_unwinding, body_after_pcall);
  return body_after_pcall(L, status, was_unwinding);
}

// A handler that fails gives its own error, as a failing handler's last resort in Lua does.
static int body_after_handler(lua_State *L, int status, lua_KContext was_unwinding) {
  if (status != LUA_OK && status != LUA_YIELD && passes_on(vm_of(L), was_unwinding)) return body_raise_unwinding(L);
  return lua_gettop(L) - 2;
}

// Who has the debug library wants to look at the stack while it stands, as the manual says.
static bool runs_handler_at_once(lua_State *L) { return vm_of(L)->profile == LVM_TRUSTED; }

// On the stack: the function, the handler, true; then the results, or the error.
static int body_after_xpcall(lua_State *L, int status, lua_KContext was_unwinding) {
  if (status == LUA_OK || status == LUA_YIELD) return lua_gettop(L) - 2;
  if (passes_on(vm_of(L), was_unwinding)) return body_raise_unwinding(L);
  lua_pushboolean(L, 0);
  if (runs_handler_at_once(L)) {
    lua_insert(L, -2);
    return 2;
  }
  lua_replace(L, 3);
  lua_pushvalue(L, 2);
  lua_insert(L, -2);
  status = lua_pcallk(L, 1, LUA_MULTRET, 0, was_unwinding, body_after_handler);
  return body_after_handler(L, status, was_unwinding);
}

// Elsewhere the handler runs after the stack has unwound: inside an error that a hook raised no hook runs, so a handler that loops
// could not be interrupted.
static int body_xpcall(lua_State *L) {
  int arguments = lua_gettop(L) - 2;
  luaL_checktype(L, 2, LUA_TFUNCTION);
  lua_pushboolean(L, 1);
  lua_pushvalue(L, 1);
  lua_rotate(L, 3, 2);
  bool was_unwinding = is_task_unwinding(vm_of(L));
  int handler = runs_handler_at_once(L) ? 2 : 0;
  int status = lua_pcallk(L, arguments, LUA_MULTRET, handler, was_unwinding, body_after_xpcall);
  return body_after_xpcall(L, status, was_unwinding);
}

void body_open_protected(lua_State *L) {
  static const luaL_Reg functions[] = {{"pcall", body_pcall}, {"xpcall", body_xpcall}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
