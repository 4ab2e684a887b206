// Reading and pushing values for Swift. Host section only: pushes allocate, and there an allocation cannot fail.
#include <stdio.h>
#include <string.h>

#include "internal.h"

int lvm_top(lua_State *L) { return lua_gettop(L); }

lvm_type lvm_type_at(lua_State *L, int index) {
  switch (lua_type(L, index)) {
    case LUA_TNONE: return LVM_NONE;
    case LUA_TNIL: return LVM_NIL;
    case LUA_TBOOLEAN: return LVM_BOOLEAN;
    case LUA_TNUMBER: return lua_isinteger(L, index) ? LVM_INTEGER : LVM_NUMBER;
    case LUA_TSTRING: return LVM_STRING;
    case LUA_TLIGHTUSERDATA: return LVM_TIMESTAMP;
    case LUA_TTABLE: return LVM_TABLE;
    case LUA_TFUNCTION: return LVM_FUNCTION;
    default: return lvm_secret(L, index) ? LVM_SECRET : LVM_OTHER;
  }
}

bool lvm_boolean(lua_State *L, int index) { return lua_toboolean(L, index); }
int64_t lvm_integer(lua_State *L, int index) { return lua_tointegerx(L, index, NULL); }
double lvm_number(lua_State *L, int index) { return lua_tonumberx(L, index, NULL); }

// lua_tolstring converts a number in place and then allocates; a string it only reads.
const char *lvm_string(lua_State *L, int index, size_t *length) {
  return lua_type(L, index) == LUA_TSTRING ? lua_tolstring(L, index, length) : NULL;
}

// The activation and line at a level; `i_ci` is the activation's own address.
uint64_t lvm_caller(lua_State *L, int level) {
  lua_Debug frame;
  if (!lua_getstack(L, level, &frame)) return 0;
  lua_getinfo(L, "l", &frame);
  return (uint64_t)(uintptr_t)frame.i_ci ^ (uint64_t)frame.currentline << 48;
}

// In an unmodified traversal lua_next does not raise (manual: "v", only for a key that is not in the table).
bool lvm_next(lua_State *L, int index) {
  if (lua_type(L, -1) == LUA_TNIL) fill_row(L, index);
  return lua_next(L, index) != 0;
}

void lvm_push_field(lua_State *L, int index, const char *name, size_t length) {
  index = lua_absindex(L, index);
  lua_pushlstring(L, name, length);
  lvm_push_raw(L, index);
}
void lvm_push_item(lua_State *L, int index, int64_t i) { lua_rawgeti(L, index, i); }
void lvm_push_globals(lua_State *L) { lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS); }
void lvm_push_upvalue(lua_State *L, int index, int n) {
  if (lua_type(L, index) != LUA_TFUNCTION || !lua_getupvalue(L, index, n)) lua_pushnil(L);
}
void lvm_push_metafield(lua_State *L, int index, const char *name) {
  if (luaL_getmetafield(L, index, name) == LUA_TNIL) lua_pushnil(L);
}

uintptr_t lvm_identity(lua_State *L, int index) { return (uintptr_t)lua_topointer(L, index); }

void lvm_push_origin(lua_State *L, int index) {
  lua_Debug place;
  char text[LUA_IDSIZE + 16];
  switch (lua_type(L, index)) {
    case LUA_TFUNCTION:
      lua_pushvalue(L, index);
      lua_getinfo(L, ">S", &place);
      if (*place.what == 'C') lua_pushnil(L);
      else {
        snprintf(text, sizeof text, "%s:%d", place.short_src, place.linedefined);
        lua_pushstring(L, text);
      }
      return;
    case LUA_TTHREAD: lua_pushstring(L, "coroutine"); return;
    default: lvm_push_metafield(L, index, "__name");
  }
}

// It runs metamethods, so it runs as a script does: outside the host section, and protected.
static int body_describe(lua_State *L) {
  body_tolstring(L, 1, NULL);
  return 1;
}

// Instructions that showing one value may take: a hundredth of a second for what a person writes, a second for a loop.
enum { DESCRIBING = 20 * 1000 * 1000 };

// Sticks, so that no pcall gets past it.
static void body_end_describing(lua_State *L, lua_Debug *activation) {
  (void)activation;
  lua_sethook(L, body_end_describing, LUA_MASKCOUNT, 1);
  luaL_error(L, "this value takes too long to show");
}

const char *lvm_describe(lua_State *L, int index, size_t *length) {
  lvm *vm = vm_of(L);
  lua_pushvalue(L, index);
  lua_pushcfunction(L, body_describe);
  lua_insert(L, -2);
  leave_host(vm);
  lua_sethook(L, body_end_describing, LUA_MASKCOUNT, DESCRIBING);
  vm->running = L;
  if (must_stop(vm)) arm(L);
  int status = lua_pcall(L, 1, 1, 0);
  vm->running = NULL;
  lua_sethook(L, NULL, 0, 0);
  enter_host(vm);
  const char *text = status == LUA_OK ? lvm_string(L, -1, length) : NULL;
  if (!text) lua_settop(L, lua_gettop(L) - 1);
  return text;
}

bool lvm_reserve(lua_State *L, int slots) { return lua_checkstack(L, slots); }
void lvm_pop(lua_State *L, int count) { lua_settop(L, lua_gettop(L) - count); }
void lvm_remove(lua_State *L, int index) { lua_remove(L, index); }
void lvm_push_nil(lua_State *L) { lua_pushnil(L); }
void lvm_push_boolean(lua_State *L, bool value) { lua_pushboolean(L, value); }
void lvm_push_integer(lua_State *L, int64_t value) { lua_pushinteger(L, value); }
void lvm_push_number(lua_State *L, double value) { lua_pushnumber(L, value); }
void lvm_push_string(lua_State *L, const char *bytes, size_t length) {
  lua_pushlstring(L, bytes ? bytes : "", length);
}
void lvm_push_table(lua_State *L, int items, int fields) { lua_createtable(L, items, fields); }
void lvm_push_copy(lua_State *L, int index) { lua_pushvalue(L, index); }

void lvm_push_host_function(lua_State *L, uint32_t id) {
  lua_pushinteger(L, id);
  lua_pushcclosure(L, body_trampoline, 1);
}

// The first level that is a script's own code: not C, not the prelude.
static bool find_script(lua_State *L, lua_Debug *frame) {
  for (int level = 0; lua_getstack(L, level, frame); level++) {
    lua_getinfo(L, "Sl", frame);
    if (frame->currentline > 0 && strcmp(frame->source, PRELUDE_NAME) != 0) return true;
  }
  return false;
}

void lvm_push_where(lua_State *L) {
  lua_Debug frame;
  if (find_script(L, &frame)) lua_pushfstring(L, "%s:%d", frame.short_src, frame.currentline);
  else lua_pushliteral(L, "");
}

// Host section. Of two locals of one name the later one is seen.
bool lvm_push_variable(lua_State *L, const char *name) {
  lua_Debug frame;
  int top = lua_gettop(L);
  if (!find_script(L, &frame)) return false;
  lua_pushnil(L);
  bool is_found = false;
  const char *variable;
  for (int i = 1; (variable = lua_getlocal(L, &frame, i)); i++) {
    bool is_it = strcmp(variable, name) == 0;
    if (is_it) lua_replace(L, top + 1);
    is_found = is_found || is_it;
    lua_settop(L, top + 1);
  }
  if (is_found) return true;
  lua_getinfo(L, "f", &frame);
  for (int i = 1; !is_found && (variable = lua_getupvalue(L, top + 2, i)); i++) {
    is_found = strcmp(variable, name) == 0;
    if (is_found) lua_replace(L, top + 1);
    lua_settop(L, top + 2);
  }
  if (!is_found) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
    lua_pushstring(L, name);
    is_found = lua_rawget(L, -2) != LUA_TNIL;
    lua_replace(L, top + 1);
  }
  lua_settop(L, top + is_found);
  return is_found;
}

// Host section.
int lvm_function_line(lua_State *L, int index) {
  lua_Debug function;
  if (lua_type(L, index) != LUA_TFUNCTION) return -1;
  lua_pushvalue(L, index);
  lua_getinfo(L, ">S", &function);
  return function.linedefined;
}

void lvm_push_calls(lua_State *L) { luaL_traceback(L, L, NULL, 0); }

void lvm_set_field(lua_State *L, int index, const char *name, size_t length) {
  index = lua_absindex(L, index);
  lua_pushlstring(L, name, length);
  lua_insert(L, -2);
  lua_rawset(L, index);  // a string key: cannot raise
}
void lvm_set_item(lua_State *L, int index, int64_t i) { lua_rawseti(L, index, i); }

void lvm_set_global(lua_State *L, const char *name, size_t length) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_insert(L, -2);
  lvm_set_field(L, -2, name, length);
  lua_settop(L, lua_gettop(L) - 1);
}

void lvm_move(lua_State *from, lua_State *to, int count) {
  if (from != to) lua_xmove(from, to, count);
}

void lvm_set_error_metatable(lua_State *L) { vm_of(L)->error_metatable = luaL_ref(L, LUA_REGISTRYINDEX); }

void lvm_mark_error(lua_State *L) {
  if (vm_of(L)->error_metatable == LUA_NOREF) lvm_provide(vm_of(L), LVM_ERRORS);
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm_of(L)->error_metatable);
  lua_setmetatable(L, -2);
}

bool lvm_is_error(lua_State *L, int index) {
  if (lua_type(L, index) != LUA_TTABLE || !lua_getmetatable(L, index)) return false;
  lua_rawgeti(L, LUA_REGISTRYINDEX, vm_of(L)->error_metatable);
  bool same = lua_rawequal(L, -1, -2);
  lua_settop(L, lua_gettop(L) - 2);
  return same;
}

// _G gets a metatable of its own whose __index is the table; scripts cannot look at it or change it.
void lvm_set_global_fallback(lua_State *L) {
  lua_createtable(L, 0, 2);
  lua_insert(L, -2);
  lvm_set_field(L, -2, "__index", 7);
  lua_pushboolean(L, 0);
  lvm_set_field(L, -2, "__metatable", 11);
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  lua_insert(L, -2);
  lua_setmetatable(L, -2);
  lua_settop(L, lua_gettop(L) - 1);
}

int lvm_keep(lua_State *L) { return luaL_ref(L, LUA_REGISTRYINDEX); }
void lvm_push_kept(lua_State *L, int number) { lua_rawgeti(L, LUA_REGISTRYINDEX, number); }

// MARK: Handles

void lvm_set_handle_release(lvm *vm, uint32_t function) {
  lua_State *L = vm->main;
  lua_createtable(L, 0, 3);
  lvm_push_host_function(L, function);
  lvm_set_field(L, -2, "__gc", 4);
  lua_pushboolean(L, 0);
  lvm_set_field(L, -2, "__metatable", 11);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm->handle_key);
}

// A userdata that is a number, with the metatable that the registry holds under `kind`.
static void push_numbered(lua_State *L, uint64_t number, const char *kind) {
  uint64_t *userdata = lua_newuserdatauv(L, sizeof *userdata, 0);
  *userdata = number;
  lua_rawgetp(L, LUA_REGISTRYINDEX, kind);
  lua_setmetatable(L, -2);
}

static uint64_t number_of(lua_State *L, int index, const char *kind) {
  if (lua_type(L, index) != LUA_TUSERDATA || !lua_getmetatable(L, index)) return 0;
  lua_rawgetp(L, LUA_REGISTRYINDEX, kind);
  bool same = lua_rawequal(L, -1, -2);
  lua_settop(L, lua_gettop(L) - 2);
  return same ? *(uint64_t *)lua_touserdata(L, index) : 0;
}

void lvm_push_handle(lua_State *L, uint64_t id) { push_numbered(L, id, &vm_of(L)->handle_key); }
uint64_t lvm_handle(lua_State *L, int index) { return number_of(L, index, &vm_of(L)->handle_key); }

// MARK: Secrets

void lvm_push_secret(lua_State *L, uint64_t number) {
  if (lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->secret_key) == LUA_TNIL) lvm_provide(vm_of(L), LVM_SECRETS);
  lua_settop(L, lua_gettop(L) - 1);
  push_numbered(L, number, &vm_of(L)->secret_key);
}
uint64_t lvm_secret(lua_State *L, int index) { return number_of(L, index, &vm_of(L)->secret_key); }
void lvm_set_secret_metatable(lua_State *L) { lua_rawsetp(L, LUA_REGISTRYINDEX, &vm_of(L)->secret_key); }
