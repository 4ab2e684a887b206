// What keeps scripts from breaking Lua 5.4.4 with metatables, and from changing what others use.
//
// The operator's own code may set any metatable but one with __gc (a loop in a finalizer cannot be interrupted) or
// __concat (Debian's Lua uses freed memory after one that grows the stack; one added later is not noticed, see
// docs/safety.md). A snippet's metatable is copied when it is set, once for a table, and may have only the events
// below: nothing weak, nothing that runs at an end, so none of the known ways to crash Lua is open to it.
#include <string.h>

#include "internal.h"

static const struct {
  const char *event, *reason;
} refused[] = {
    {"__gc", "a finalizer could not be interrupted; use a <close> variable"},
    {"__concat", "Lua 5.4.4 can lose memory in it; use a function or __tostring"},
    // Those below are for snippets only.
    {"__close", "snippets have no variables that close"},
    {"__mode", "snippets have no weak tables"},
    {"__metatable", "a snippet's metatables are copied, and so protected already"},
};
enum { REFUSED_TO_ALL = 2, REFUSED = sizeof refused / sizeof *refused };

static const char *const snippet_events[] = {
    "__index", "__newindex", "__call", "__tostring", "__name", "__len", "__pairs", "__eq", "__lt", "__le",
    "__add", "__sub", "__mul", "__div", "__mod", "__pow", "__unm", "__idiv",
    "__band", "__bor", "__bxor", "__shl", "__shr", "__bnot", NULL,
};

// Arguments as Lua has them; what may not be set raises.
static void body_check_metatable(lua_State *L, int count) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnoneornil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  for (int i = 0; lua_istable(L, 2) && i < count; i++) {
    lua_pushstring(L, refused[i].event);
    if (lua_rawget(L, 2) != LUA_TNIL)
      luaL_error(L, "setmetatable: %s is not available here (%s)", refused[i].event, refused[i].reason);
    lua_pop(L, 1);
  }
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
}

// Lua's collector misses a metatable that a weak table gets while it runs, and frees it (upstream 1b0f943d). So
// whatever replaces a metatable is held by a table of ours as well, as long as its table lives.
static int body_setmetatable(lua_State *L) {
  body_check_metatable(L, REFUSED_TO_ALL);
  if (lua_getmetatable(L, 1)) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->anchors_key);
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_rawset(L, -3);
    lua_settop(L, 2);
  }
  lua_setmetatable(L, 1);
  return 1;
}

// A copy of the metatable at index 2 with its events; under a key of ours it names what it is a copy of.
static int body_set_snippet_metatable(lua_State *L) {
  body_check_metatable(L, REFUSED);
  if (lua_getmetatable(L, 1)) return luaL_error(L, "setmetatable: this table has a metatable; a snippet sets one once");
  if (lua_isnil(L, 2)) {
    lua_settop(L, 1);
    return 1;
  }
  lua_createtable(L, 0, 4);
  for (const char *const *event = snippet_events; *event; event++) {
    lua_pushstring(L, *event);
    lua_pushvalue(L, -1);
    if (lua_rawget(L, 2) != LUA_TNIL) lua_rawset(L, -3);
    else lua_pop(L, 2);
  }
  lua_pushvalue(L, 2);
  lua_rawsetp(L, -2, &vm_of(L)->original_key);
  lua_setmetatable(L, 1);
  lua_settop(L, 1);
  return 1;
}

static int body_get_snippet_metatable(lua_State *L) {
  luaL_checkany(L, 1);
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return 1;
  if (!lua_getmetatable(L, 1)) {
    lua_pushnil(L);
    return 1;
  }
  // Every other metatable is the host's.
  lua_rawgetp(L, -1, &vm_of(L)->original_key);
  return 1;
}

// MARK: Libraries

static const char *const libraries[] = {
    LUA_STRLIBNAME, LUA_TABLIBNAME, LUA_MATHLIBNAME, LUA_UTF8LIBNAME, LUA_OSLIBNAME, LUA_IOLIBNAME, LUA_COLIBNAME, NULL,
};

// Upvalues of both: the library, what scripts added to it, the parts of its late names, its name or `next`.
static int body_add_to_library(lua_State *L) {
  lua_settop(L, 3);
  lua_pushvalue(L, 2);
  lua_pushvalue(L, 2);
  if (lua_rawget(L, lua_upvalueindex(3)) != LUA_TNIL || (lua_insert(L, -2), lua_rawget(L, lua_upvalueindex(1))) != LUA_TNIL)
    return luaL_error(L, "%s.%s cannot be set: it is shared with everything that runs here; add a name of your own",
                      lua_tostring(L, lua_upvalueindex(4)), lua_isstring(L, 2) ? lua_tostring(L, 2) : "?");
  lua_settop(L, 3);
  lua_rawset(L, lua_upvalueindex(2));
  return 0;
}

static int body_library_pairs(lua_State *L) {
  lua_settop(L, 0);
  // Whoever goes through a library sees all of it.
  for (lua_pushnil(L); lua_next(L, lua_upvalueindex(3)); lua_settop(L, 1)) {
    lua_pushvalue(L, 1);
    lua_gettable(L, lua_upvalueindex(1));
  }
  lua_pushvalue(L, lua_upvalueindex(4));
  lua_newtable(L);
  body_copy_into(L, lua_upvalueindex(1), 2);
  body_copy_into(L, lua_upvalueindex(2), 2);
  lua_pushnil(L);
  return 3;
}

// Raw, it would hide what everything uses. A lazy row is filled first.
static int body_rawset(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_checkany(L, 2);
  luaL_checkany(L, 3);
  lua_settop(L, 3);
  if (lua_getmetatable(L, 1)) {
    if (lua_rawgetp(L, -1, &vm_of(L)->library_key) != LUA_TNIL) return luaL_error(L, "rawset: this library is read-only");
    lua_settop(L, 3);
    body_fill_row(L, 1);
  }
  lua_rawset(L, 1);
  return 1;
}

// Pushes the parts of a library's late names, and makes them late: what is found nowhere else, not even among what
// scripts added, which is the table below the top.
static void body_push_late_names(lua_State *L, const char *name, int library) {
  lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->late_libraries_key);
  if (lua_isnil(L, -1) || lua_getfield(L, -1, name) != LUA_TTABLE) {
    lua_newtable(L);
    lua_replace(L, library + 2);
    lua_settop(L, library + 2);
    return;
  }
  lua_replace(L, library + 2);
  lua_settop(L, library + 2);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &vm_of(L)->environment_key);
  body_copy_table(L, library);
  lua_setfield(L, -2, name);
  lua_settop(L, library + 2);
  for (lua_pushnil(L); lua_next(L, library + 2); lua_settop(L, library + 3)) {
    lua_pushvalue(L, -2);
    lua_pushnil(L);
    lua_rawset(L, library);
  }
  lua_createtable(L, 0, 1);
  lua_pushvalue(L, library);
  lua_pushvalue(L, library + 2);
  lua_pushnil(L);
  lua_pushcclosure(L, body_late_index, 3);
  lua_setfield(L, -2, "__index");
  lua_setmetatable(L, library + 1);
}

// Replaces a library by an empty table that reads from it and lets names be added, never changed. The methods of strings
// keep the library itself, which no script reaches. On the stack: globals, and what chunks find as `scripts`.
static void body_guard_library(lua_State *L, const char *name) {
  if (lua_getfield(L, -2, name) != LUA_TTABLE) {
    lua_pop(L, 1);
    return;
  }
  int library = lua_gettop(L), added = library + 1, late = library + 2, metatable = library + 3;
  int globals = library - 2;
  lua_pushvalue(L, library);
  lua_setfield(L, library - 1, name);
  if (vm_of(L)->profile == LVM_TRUSTED) {
    lua_pop(L, 1);
    return;
  }
  lua_newtable(L);
  body_push_late_names(L, name, library);
  lua_createtable(L, 0, 4);
  // What was added is found by methods of strings too.
  lua_createtable(L, 0, 2);
  lua_pushvalue(L, added);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_setmetatable(L, library);

  lua_pushvalue(L, library);
  lua_setfield(L, metatable, "__index");
  lua_pushvalue(L, library);
  lua_pushvalue(L, added);
  lua_pushvalue(L, late);
  lua_pushstring(L, name);
  lua_pushcclosure(L, body_add_to_library, 4);
  lua_setfield(L, metatable, "__newindex");
  lua_pushvalue(L, library);
  lua_pushvalue(L, added);
  lua_pushvalue(L, late);
  lua_getfield(L, globals, "next");
  lua_pushcclosure(L, body_library_pairs, 4);
  lua_setfield(L, metatable, "__pairs");
  lua_pushboolean(L, 0);
  lua_setfield(L, metatable, "__metatable");
  lua_pushboolean(L, 1);
  lua_rawsetp(L, metatable, &vm_of(L)->library_key);

  lua_newtable(L);
  lua_pushvalue(L, metatable);
  lua_setmetatable(L, -2);
  lua_setfield(L, globals, name);
  lua_settop(L, library - 1);
}

// On the stack: globals.
void body_guard(lua_State *L) {
  static const luaL_Reg own[] = {{"setmetatable", body_setmetatable}, {"rawset", body_rawset}, {NULL, NULL}};
  static const luaL_Reg of_snippet[] = {
      {"setmetatable", body_set_snippet_metatable},
      {"getmetatable", body_get_snippet_metatable},
      {NULL, NULL},
  };
  lvm *vm = vm_of(L);
  lua_newtable(L);
  for (const char *const *name = libraries; *name; name++) body_guard_library(L, *name);
  lua_rawgetp(L, LUA_REGISTRYINDEX, &vm->environment_key);
  lua_insert(L, -2);
  lua_setfield(L, -2, "scripts");
  lua_pop(L, 1);
  if (vm->profile == LVM_TRUSTED) return;
  lua_newtable(L);
  lua_createtable(L, 0, 1);
  lua_pushliteral(L, "k");
  lua_setfield(L, -2, "__mode");
  lua_setmetatable(L, -2);
  lua_rawsetp(L, LUA_REGISTRYINDEX, &vm->anchors_key);
  luaL_setfuncs(L, own, 0);
  if (vm->profile == LVM_SNIPPET) luaL_setfuncs(L, of_snippet, 0);
}
