// Lazy rows: a record of a listing stays the text that it came in until somebody wants more of it. Most loops look at one
// member or two of a row, and to make a table of all of them took more than half of a listing.
//
// To a script a lazy row is the table that it would be without this (Tests/LuaRuntimeTests/LazyRowTests.swift asks both the
// same). It has one field of its own and metamethods: a member that is read moves into the table, and whatever needs more
// than a few fills the row, which is like any other from then on. Functions that look past metamethods know lazy rows: next,
// pairs and rawget are ours for that, rawset fills a row (guards.c; the prelude, which has Lua's own, sets nothing in rows),
// and so does what Swift looks at tables with (values.c). The trusted, who have debug and modules in C, get no lazy rows, and
// those who fill most rows of a list get no more of them (builder.c).
//
// The field's key is an integer, which Lua finds in half the time of any other kind; 63 bits of it are random, and nothing
// shows them, so no script meets it.
#include <string.h>
#include <sys/random.h>

#include "internal.h"

void allow_lazy_rows(lvm *vm) {
  static const int64_t bit = (int64_t)1 << 62;  // never 0, and far from what arrays have
  int64_t key;
  if (getrandom(&key, sizeof key, 0) == sizeof key) vm->row_key = key | bit;
}

// What the row at an index, a table, holds instead of its members; null when it is no lazy one.
static struct lazy_row *row_at(lua_State *L, int index) {
  index = lua_absindex(L, index);
  lua_Integer key = vm_of(L)->row_key;
  if (!key || !lua_getmetatable(L, index)) return NULL;
  bool is_lazy = lua_rawgeti(L, index, key) == LUA_TUSERDATA;
  struct lazy_row *row = is_lazy ? lua_touserdata(L, -1) : NULL;
  lua_settop(L, lua_gettop(L) - 2);
  return row;
}

static bool is_sent(const struct lazy_row *row, int member) { return row->sent >> member & 1; }
static bool is_dated(const struct lazy_row *row, int member) { return row->dated >> member & 1; }
static const char *text_of(lua_State *L, const struct lazy_row *row, int member) {
  return (const char *)(row->members + vm_of(L)->shapes[row->shape].count) + row->members[member].start;
}

// MARK: For Swift, and for what makes rows

static int body_lazy_newindex(lua_State *L);

// Host section. That of whole rows, and one more event.
void push_lazy_metatable(lua_State *L, int number) {
  lvm *vm = vm_of(L);
  struct shape *record = &vm->shapes[number];
  if (record->lazy_metatable == LUA_NOREF) {
    static const char *const same[] = {"__index", "__name", "__metatable"};
    lua_createtable(L, 0, 6);
    lua_rawgeti(L, LUA_REGISTRYINDEX, record->metatable);
    for (int i = 0; i < 3; i++) {
      lvm_push_field(L, -1, same[i], strlen(same[i]));
      lvm_set_field(L, -3, same[i], strlen(same[i]));
    }
    lua_rawgetp(L, -1, &vm->shape_key);
    lua_rawsetp(L, -3, &vm->shape_key);
    lua_rawgetp(L, -1, &vm->record_key);
    lua_rawsetp(L, -3, &vm->record_key);
    lua_settop(L, lua_gettop(L) - 1);
    lua_pushcfunction(L, body_lazy_newindex);
    lvm_set_field(L, -2, "__newindex", 10);
    record->lazy_metatable = luaL_ref(L, LUA_REGISTRYINDEX);
  }
  lua_rawgeti(L, LUA_REGISTRYINDEX, record->lazy_metatable);
}

// Host section.
void make_lazy(lua_State *L, int lazy_metatable) {
  lua_rawseti(L, -2, vm_of(L)->row_key);
  vm_of(L)->no_lazy_row = NULL;  // it may have stood where this one stands
  lua_pushvalue(L, lazy_metatable);
  lua_setmetatable(L, -2);
}

// Host section. Pushes a member that the row still has.
static void push_member(lua_State *L, const struct lazy_row *row, int member) {
  if (is_dated(row, member)) lvm_push_timestamp(L, row->members[member].microseconds);
  else lua_pushlstring(L, text_of(L, row, member), row->members[member].length);
}

// Host section.
static void fill(lua_State *L, int index, const struct lazy_row *row) {
  lvm *vm = vm_of(L);
  struct shape *record = &vm->shapes[row->shape];
  int top = lua_gettop(L);
  lua_getmetatable(L, index);
  lua_rawgetp(L, -1, &vm->record_key);
  for (int i = 0; i < record->count; i++) {
    if (!is_sent(row, i)) continue;
    lua_rawgeti(L, top + 2, i + 1);
    push_member(L, row, i);
    lua_rawset(L, index);
  }
  lua_pushnil(L);
  lua_rawseti(L, index, vm->row_key);
  lua_rawgeti(L, LUA_REGISTRYINDEX, record->metatable);
  lua_setmetatable(L, index);
  lua_settop(L, top);
  record->whole_rows++;
}

// Host section.
void fill_row(lua_State *L, int index) {
  const struct lazy_row *row = row_at(L, index);
  if (row) fill(L, lua_absindex(L, index), row);
}

// The number of the member that the key at an index names, of those that the row still has; -1 for any other. The names are
// those of record_key.
static int member_at(lua_State *L, int key, int names, const struct lazy_row *row) {
  if (lua_type(L, key) != LUA_TSTRING) return -1;
  lua_pushvalue(L, key);
  int member = lua_rawget(L, names) == LUA_TNUMBER ? (int)lua_tointegerx(L, -1, NULL) - 1 : -1;
  lua_settop(L, lua_gettop(L) - 1);
  return member >= 0 && is_sent(row, member) ? member : -1;
}

// Host section.
void lvm_push_raw(lua_State *L, int index) {
  index = lua_absindex(L, index);
  const struct lazy_row *row = row_at(L, index);
  int member = -1, key = lua_gettop(L);
  if (row) {
    lua_getmetatable(L, index);
    lua_rawgetp(L, -1, &vm_of(L)->record_key);
    member = member_at(L, key, key + 2, row);
    lua_settop(L, key);
  }
  if (member < 0) {
    lua_rawget(L, index);
    return;
  }
  lua_settop(L, key - 1);
  push_member(L, row, member);
}

// MARK: For scripts

static void body_fill(lua_State *L, int index, const struct lazy_row *row) {
  lvm *vm = vm_of(L);
  enter_host(vm);
  fill(L, lua_absindex(L, index), row);
  leave_host(vm);
  body_check_memory(L);
}

void body_fill_row(lua_State *L, int index) {
  const struct lazy_row *row = row_at(L, index);
  if (row) body_fill(L, index, row);
}

// The member moves into the table, where it is found when it is read again, as by a sort, and when it is written.
bool body_push_lazy_member(lua_State *L, int names) {
  // As row_at, but whoever comes here has a metatable.
  bool is_lazy = vm_of(L)->row_key && lua_rawgeti(L, 1, vm_of(L)->row_key) == LUA_TUSERDATA;
  struct lazy_row *row = is_lazy ? lua_touserdata(L, -1) : NULL;
  int member = row ? member_at(L, 2, names, row) : -1;
  lua_settop(L, 2);
  if (member < 0) return false;
  if (++row->reads > MOST_MOVED_MEMBERS) {
    body_fill(L, 1, row);
    lua_rawget(L, 1);
    return true;
  }
  if (is_dated(row, member)) lua_pushlightuserdata(L, (void *)(intptr_t)row->members[member].microseconds);
  else lua_pushlstring(L, text_of(L, row, member), row->members[member].length);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 3);
  lua_rawset(L, 1);
  row->sent &= ~((uint64_t)1 << member);
  return true;
}

static int body_lazy_newindex(lua_State *L) {
  // Raw, the error would not say where.
  if (lua_isnil(L, 2)) return luaL_error(L, "table index is nil");
  if (lua_type(L, 2) == LUA_TNUMBER && !lua_rawequal(L, 2, 2)) return luaL_error(L, "table index is NaN");
  body_fill_row(L, 1);
  lua_rawset(L, 1);
  return 0;
}

static int body_next(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  lua_settop(L, 2);
  // To look at each step of a loop over a record took 200 instructions of its 500.
  const void *table = lua_topointer(L, 1);
  if (table != vm_of(L)->no_lazy_row) {
    body_fill_row(L, 1);
    vm_of(L)->no_lazy_row = table;
  }
  if (lua_next(L, 1)) return 2;
  lua_pushnil(L);
  return 1;
}

static int body_after_pairs(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 3;
}

static int body_pairs(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__pairs") != LUA_TNIL) {
    lua_pushvalue(L, 1);
    lua_callk(L, 1, 3, 0, body_after_pairs);
    return 3;
  }
  lua_pushcfunction(L, body_next);
  lua_pushvalue(L, 1);
  lua_pushnil(L);
  return 3;
}

static int body_rawget(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  lua_settop(L, 2);
  if (lua_getmetatable(L, 1)) {
    lua_rawgetp(L, 3, &vm_of(L)->record_key);
    if (body_push_lazy_member(L, 4)) return 1;
  }
  lua_rawget(L, 1);
  return 1;
}

// Into the globals on top.
void body_open_lazy(lua_State *L) {
  static const luaL_Reg functions[] = {{"next", body_next}, {"pairs", body_pairs}, {"rawget", body_rawget}, {NULL, NULL}};
  luaL_setfuncs(L, functions, 0);
}
