// Timestamps: a moment as a value of Lua, and what is asked of it in loops over rows. The rest is timestamps.lua's, also the
// words for what cannot be compared.
#include "internal.h"

// A timestamp is its microseconds in a light userdata: equal times are equal values and the same table key.
int64_t lvm_timestamp(lua_State *L, int index) { return (int64_t)(intptr_t)lua_touserdata(L, index); }
void provide_timestamps(lvm *vm) {
  if (vm->has_timestamps) return;
  vm->has_timestamps = true;
  lvm_provide(vm, LVM_TIMESTAMPS);
}
void lvm_push_timestamp(lua_State *L, int64_t microseconds) {
  provide_timestamps(vm_of(L));
  lua_pushlightuserdata(L, (void *)(intptr_t)microseconds);
}

// Pushes the epoch seconds of a timestamp, or the number itself; whole seconds are an integer.
static bool push_seconds(lua_State *L, int index) {
  if (lua_type(L, index) == LUA_TNUMBER) {
    lua_pushvalue(L, index);
    return true;
  }
  if (lua_type(L, index) != LUA_TLIGHTUSERDATA) return false;
  int64_t microseconds = lvm_timestamp(L, index);
  if (microseconds % 1000000 == 0) lua_pushinteger(L, microseconds / 1000000);
  else lua_pushnumber(L, (double)microseconds / 1e6);
  return true;
}

// Upvalue 1 compares everything else, and upvalue 2 says how: LUA_OPLT or LUA_OPLE. In Lua a comparison took 5,400
// instructions, as much as all of a row's members take to read.
static int body_compare(lua_State *L) {
  // By their microseconds, which seconds cannot tell apart after the year 2242.
  if (lua_islightuserdata(L, 1) && lua_islightuserdata(L, 2)) {
    int64_t a = lvm_timestamp(L, 1), b = lvm_timestamp(L, 2);
    lua_pushboolean(L, lua_tointegerx(L, lua_upvalueindex(2), NULL) == LUA_OPLT ? a < b : a <= b);
    return 1;
  }
  if (push_seconds(L, 1) && push_seconds(L, 2)) {
    lua_pushboolean(L, lua_compare(L, -2, -1, (int)lua_tointegerx(L, lua_upvalueindex(2), NULL)));
    return 1;
  }
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, 2, 1);
  return 1;
}

// Host section. The function `name` of the metatable on top gives way to one that knows timestamps and numbers itself.
static void compare_in_c(lua_State *L, const char *name, int operation) {
  lvm_push_field(L, -1, name, 4);
  lua_pushinteger(L, operation);
  lua_pushcclosure(L, body_compare, 2);
  lvm_set_field(L, -2, name, 4);
}

// Host section. All light userdata share one metatable, and only timestamps are light userdata here.
void lvm_set_timestamp_metatable(lua_State *L) {
  compare_in_c(L, "__lt", LUA_OPLT);
  compare_in_c(L, "__le", LUA_OPLE);
  lua_pushlightuserdata(L, NULL);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  lua_settop(L, lua_gettop(L) - 1);
}
