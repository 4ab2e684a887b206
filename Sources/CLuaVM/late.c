// Late names: a table whose names are made when they are first read, so that a script does not pay for what it does not
// use. What makes a name is a part, which the host knows by number (Sources/Host/Console/Prelude.swift): functions of
// its own, or a chunk of Lua.
//
// A part is made whole or not at all, wherever a script stands when it reads a name: deep in a recursion, in a
// comparison of table.sort, in a finalizer, in its last millisecond. So it is made on a coroutine of its own, which has
// a stack, a count of C calls and hooks of its own, and in a host section: no memory is refused and no finalizer runs
// until it is there. An interruption waits for it; that is for some thousand instructions.
#include <string.h>

#include "internal.h"

// Runs on the loader: part, name. The host answers with how many values it pushed: none, or a chunk's text and what the
// chunk is called with. Its globals are Lua's own, whatever scripts made of theirs.
static int body_make_part(lua_State *L) {
  lvm *vm = vm_of(L);
  int count = enter(L, LVM_PROVIDE, (uint64_t)lua_tointegerx(L, 1, NULL));
  if (count <= 0) return 0;
  size_t length;
  int text = lua_gettop(L) - count + 1;
  const char *source = lua_tolstring(L, text, &length);
  if (luaL_loadbufferx(L, source, length, PRELUDE_NAME, "t") != LUA_OK) return lua_error(L);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &vm->environment_key);
  lua_setupvalue(L, -2, 1);
  lua_replace(L, text);
  lua_call(L, count - 1, 0);
  return 0;
}

// Makes a part for the name on top of `L`, which it pops, or for none where L is null. False, with the error on top of the
// loader, when the part is broken.
static bool provide(lvm *vm, lua_Integer part, lua_State *L) {
  lua_State *loader = vm->loader;
  bool was_in_host = vm->in_host, was_loading = vm->is_loading;
  enter_host(vm);
  vm->is_loading = true;
  look_whether_to_stop(vm);
  lua_checkstack(loader, LUA_MINSTACK);
  if (!L) lua_pushnil(loader);
  else if (L != loader) lua_xmove(L, loader, 1);
  lua_pushcfunction(loader, body_make_part);
  lua_insert(loader, -2);
  lua_pushinteger(loader, part);
  lua_insert(loader, -2);
  int status = lua_pcall(loader, 2, 0, 0);
  vm->is_loading = was_loading;
  look_whether_to_stop(vm);
  if (!was_in_host) leave_host(vm);
  return status == LUA_OK;
}

bool lvm_provide(lvm *vm, int64_t part) {
  bool is_made = provide(vm, part, NULL);
  if (!is_made) lua_settop(vm->loader, lua_gettop(vm->loader) - 1);
  return is_made;
}

// Upvalues: the table, the parts by name, and the table behind it or nil. Called as __index, of this table or of one in
// front of it.
enum { LATE_TABLE = 1, LATE_PARTS, LATE_BEHIND };

int body_late_index(lua_State *L) {
  lvm *vm = vm_of(L);
  if (!vm->has_names) {
    vm->has_names = true;
    lvm_provide(vm, LVM_NAMES);
  }
  lua_settop(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(LATE_PARTS)) != LUA_TNIL) {
    lua_Integer part = lua_tointegerx(L, -1, NULL);
    lua_pushvalue(L, 2);
    if (!provide(vm, part, L)) {
      if (L != vm->loader) lua_xmove(vm->loader, L, 1);
      return lua_error(L);
    }
    body_check_memory(L);
    lua_pushvalue(L, 2);
    if (lua_rawget(L, lua_upvalueindex(LATE_TABLE)) != LUA_TNIL) return 1;
  }
  if (lua_isnil(L, lua_upvalueindex(LATE_BEHIND))) return 0;
  lua_pushvalue(L, 2);
  lua_rawget(L, lua_upvalueindex(LATE_BEHIND));
  return 1;
}

// Host section.
void lvm_set_late(lua_State *L) {
  lua_pushvalue(L, -3);
  lua_insert(L, -3);
  lua_pushcclosure(L, body_late_index, 3);
  lua_createtable(L, 0, 1);
  lua_insert(L, -2);
  lvm_set_field(L, -2, "__index", 7);
  lua_setmetatable(L, -2);
}

// Host section.
void lvm_set_late_library(lua_State *L, const char *name) {
  lvm *vm = vm_of(L);
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm->late_libraries_key) == LUA_TNIL) {
    lua_settop(L, lua_gettop(L) - 1);
    lua_createtable(L, 0, 2);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &vm->late_libraries_key);
  }
  lua_insert(L, -2);
  lvm_set_field(L, -2, name, strlen(name));
  lua_settop(L, lua_gettop(L) - 1);
}

// Host section.
void lvm_push_behind(lua_State *L, int index) {
  if (lua_tocfunction(L, index) != body_late_index || !lua_getupvalue(L, index, LATE_BEHIND)) lua_pushnil(L);
}

// MARK: The globals of chunks

void body_copy_into(lua_State *L, int from, int to) {
  for (lua_pushnil(L); lua_next(L, from);) {
    lua_pushvalue(L, -2);
    lua_insert(L, -2);
    lua_rawset(L, to);
  }
}

void body_copy_table(lua_State *L, int from) {
  from = lua_absindex(L, from);
  lua_createtable(L, 0, 32);
  body_copy_into(L, from, lua_gettop(L));
}

void body_keep_environment(lua_State *L) {
  int globals = lua_gettop(L);
  body_copy_table(L, globals);
  int environment = lua_gettop(L);
  // Elsewhere libraries are guarded; body_push_late_names copies those that it takes something out of.
  bool is_trusted = vm_of(L)->profile == LVM_TRUSTED;
  for (lua_pushnil(L); is_trusted && lua_next(L, globals);) {
    int value = lua_gettop(L);
    if (lua_istable(L, value) && !lua_rawequal(L, value, globals)) {
      lua_pushvalue(L, value - 1);
      body_copy_table(L, value);
      lua_rawset(L, environment);
    }
    lua_settop(L, value - 1);
  }
  lua_settop(L, environment);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->environment_key);
  vm_of(L)->loader = lua_newthread(L);
  lua_rawsetp(L, LUA_REGISTRYINDEX, vm_of(L)->loader);
}
