// Locals of the prompt: a line runs in a function whose variables are those of the lines before it.
#include "internal.h"

// Host section, but for the call.
bool lvm_join_locals(lua_State *task, int locals) {
  lvm *vm = vm_of(task);
  lua_rawgeti(task, LUA_REGISTRYINDEX, locals);
  leave_host(vm);
  int status = lua_pcall(task, 1, 1, 0);
  enter_host(vm);
  if (status != LUA_OK || lua_type(task, -1) != LUA_TFUNCTION) return false;
  lua_rawgeti(task, LUA_REGISTRYINDEX, locals);
  for (int i = 1;; i++) {
    const char *name = lua_getupvalue(task, -2, i);
    if (!name) break;
    lua_settop(task, lua_gettop(task) - 1);
    lua_pushstring(task, name);
    // The variable is the one upvalue of the function that keeps it.
    if (lua_rawget(task, -2) == LUA_TFUNCTION) lua_upvaluejoin(task, -3, i, -1, 1);
    lua_settop(task, lua_gettop(task) - 1);
  }
  lua_settop(task, lua_gettop(task) - 1);
  return true;
}
