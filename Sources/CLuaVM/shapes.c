// Shapes: what the service's structures look like, and what a script sees of a record beyond its members. Host section only.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

// True when the name is a member's but for its case.
static bool is_miswritten(const struct shape *record, const char *name) {
  for (int i = 0; i < record->count; i++)
    if (strcasecmp(record->members[i].name, name) == 0) return true;
  return false;
}

// What a fleet knows of its items: a table from record to target that keeps no record alive.
static void push_targets(lua_State *L) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key) == LUA_TTABLE) return;
  lua_settop(L, lua_gettop(L) - 1);
  lua_createtable(L, 0, 16);
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, "k", 1);
  lvm_set_field(L, -2, "__mode", 6);
  lua_setmetatable(L, -2);
  lua_pushvalue(L, -1);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key);
}

void lvm_set_target(lua_State *L) {
  push_targets(L);
  lua_insert(L, -3);
  lua_rawset(L, -3);
  lua_settop(L, lua_gettop(L) - 1);
}

// A modelled member that was not sent is nil, as is a lower-case name: those are the script's to add. Any other name
// is a mistake, and so is `vm.lastBackupDate`; the host function behind upvalue 2 says so.
static int body_record_index(lua_State *L) {
  size_t length = 0;
  const char *name = lua_type(L, 2) == LUA_TSTRING ? lua_tolstring(L, 2, &length) : NULL;
  if (!name || length == 0) return 0;
  if (body_push_lazy_member(L, lua_upvalueindex(1))) return 1;
  if (length == 6 && memcmp(name, "target", 6) == 0) {
    if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->target_key) != LUA_TTABLE) return 0;
    lua_pushvalue(L, 1);
    lua_rawget(L, -2);
    return 1;
  }
  const struct shape *record = &vm_of(L)->shapes[lua_tointegerx(L, lua_upvalueindex(3), NULL)];
  if ((name[0] < 'A' || name[0] > 'Z') && !is_miswritten(record, name)) return 0;
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(1)) != LUA_TNIL) return 0;
  lua_settop(L, 2);
  lua_pushvalue(L, lua_upvalueindex(3));
  lua_pushvalue(L, lua_upvalueindex(2));
  lua_insert(L, 1);
  lua_call(L, 3, 0);
  return 0;
}

int lvm_shape(lvm *vm, lvm_shape_kind kind, int item, const char *name, uint32_t missing) {
  struct shape *grown = realloc(vm->shapes, sizeof *grown * (size_t)(vm->shape_count + 1));
  if (!grown) return -1;
  vm->shapes = grown;
  int number = vm->shape_count++;
  vm->shapes[number] = (struct shape){.kind = kind, .item = item, .metatable = LUA_NOREF, .lazy_metatable = LUA_NOREF};
  if (kind != LVM_SHAPE_RECORD && kind != LVM_SHAPE_LIST) return number;
  lua_State *L = vm->main;
  lua_checkstack(L, 6);
  lua_createtable(L, 0, 4);
  lua_pushstring(L, name);
  lvm_set_field(L, -2, "__name", 6);
  lua_pushboolean(L, 0);
  lvm_set_field(L, -2, "__metatable", 11);
  if (kind == LVM_SHAPE_RECORD) {
    // The members' names, by name and by number, filled by lvm_shape_member, which finds it under record_key.
    lua_createtable(L, 16, 16);
    lua_pushvalue(L, -1);
    lua_rawsetp(L, -3, &vm->record_key);
    lvm_push_host_function(L, missing);
    lua_pushinteger(L, number);
    lua_pushcclosure(L, body_record_index, 3);
    lvm_set_field(L, -2, "__index", 7);
  }
  lua_pushinteger(L, number);
  lua_rawsetp(L, -2, &vm->shape_key);
  vm->shapes[number].metatable = luaL_ref(L, LUA_REGISTRYINDEX);
  return number;
}

bool lvm_shape_member(lvm *vm, int record, const char *name, int shape) {
  struct shape *owner = &vm->shapes[record];
  if (owner->count == MOST_MEMBERS) return false;
  struct member *grown = realloc(owner->members, sizeof *grown * (size_t)(owner->count + 1));
  size_t length = strlen(name);
  char *copy = malloc(2 * length + sizeof "\0\"\":");
  if (grown) owner->members = grown;
  if (!grown || !copy) {
    free(copy);
    return false;
  }
  sprintf(copy, "%s%c\"%s\":", name, 0, name);
  owner->members[owner->count++] =
      (struct member){.name = copy, .length = length, .head = copy + length + 1, .shape = shape};
  lua_State *L = vm->main;
  lua_rawgeti(L, LUA_REGISTRYINDEX, owner->metatable);
  lua_rawgetp(L, -1, &vm->record_key);
  lua_pushstring(L, copy);
  lua_rawseti(L, -2, owner->count);
  lua_pushinteger(L, owner->count);
  lvm_set_field(L, -2, copy, length);
  lua_settop(L, lua_gettop(L) - 2);
  return true;
}

int lvm_shape_at(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return -1;
  lua_rawgetp(L, -1, &vm_of(L)->shape_key);
  int shape = lua_isinteger(L, -1) ? (int)lua_tointegerx(L, -1, NULL) : -1;
  lua_settop(L, lua_gettop(L) - 2);
  return shape;
}
