// The sandbox: the globals of scripts, built from nothing by an allowlist. Tests/Scripts/globals.golden lists the
// result, so that adding a name is a change somebody sees.
//
// Absent: debug, package, files, processes, the environment, bytecode. Replaced: load (text only), pcall and xpcall
// (protect.c), setmetatable (no
// __gc: a loop in a finalizer cannot be interrupted; no __concat among what is set: Debian's Lua 5.4.4 uses freed
// memory after one that grows the stack; one added to the metatable later is not noticed), collectgarbage (nothing that stops the collector), print
// and the standard streams (output.c's).
#include <errno.h>
#include <string.h>

#include "internal.h"

static const char *const base_names[] = {
    "assert", "error",  "getmetatable", "ipairs", "load",     "next",     "pairs", "pcall",    "rawequal",
    "rawget", "rawlen", "rawset",       "select", "tonumber", "tostring", "type",  "_VERSION", "xpcall", NULL,
};
static const char *const string_names[] = {
    "byte", "char", "find", "format", "gmatch", "gsub", "len", "lower", "match",
    "pack", "packsize", "rep", "reverse", "sub", "unpack", "upper", NULL,
};
static const char *const os_names[] = {"clock", "date", "difftime", "time", NULL};
static const char *const io_names[] = {"read", NULL};
static const char *const everything[] = {NULL};

// Copies the named members, or all for `everything`, of the table on top into a new table, which replaces it.
static void body_keep(lua_State *L, const char *const *names) {
  if (names == everything) return;
  lua_newtable(L);
  for (; *names; names++) {
    lua_getfield(L, -2, *names);
    lua_setfield(L, -2, *names);
  }
  lua_remove(L, -2);
}

static int body_setmetatable(lua_State *L) {
  static const char *const refused[][2] = {
      {"__gc", "a finalizer could not be interrupted; use a <close> variable"},
      {"__concat", "Lua 5.4.4 can lose memory in it; use a function or __tostring"},
  };
  luaL_checktype(L, 1, LUA_TTABLE);
  luaL_argexpected(L, lua_isnoneornil(L, 2) || lua_istable(L, 2), 2, "nil or table");
  for (size_t i = 0; lua_istable(L, 2) && i < sizeof refused / sizeof *refused; i++) {
    lua_pushstring(L, refused[i][0]);
    if (lua_rawget(L, 2) != LUA_TNIL)
      return luaL_error(L, "setmetatable: %s is not available here (%s)", refused[i][0], refused[i][1]);
    lua_pop(L, 1);
  }
  if (luaL_getmetafield(L, 1, "__metatable") != LUA_TNIL) return luaL_error(L, "cannot change a protected metatable");
  lua_settop(L, 2);
  lua_setmetatable(L, 1);
  return 1;
}

static int body_collectgarbage(lua_State *L) {
  static const char *const options[] = {"collect", "count", "step", NULL};
  switch (luaL_checkoption(L, 1, "collect", options)) {
    case 0: lua_gc(L, LUA_GCCOLLECT); lua_pushinteger(L, 0); break;
    case 1: lua_pushnumber(L, (lua_Number)lua_gc(L, LUA_GCCOUNT) + (lua_Number)lua_gc(L, LUA_GCCOUNTB) / 1024); break;
    default: lua_pushboolean(L, lua_gc(L, LUA_GCSTEP, (int)luaL_optinteger(L, 2, 0)));
  }
  return 1;
}

static int body_print_to(lua_State *L, bool to_stderr, const char *before, const char *between) {
  luaL_Buffer buffer;
  int arguments = lua_gettop(L);
  luaL_buffinit(L, &buffer);
  luaL_addstring(&buffer, before);
  for (int i = 1; i <= arguments; i++) {
    if (i > 1) luaL_addstring(&buffer, between);
    luaL_tolstring(L, i, NULL);
    luaL_addvalue(&buffer);
  }
  luaL_addchar(&buffer, '\n');
  luaL_pushresult(&buffer);
  size_t length;
  const char *text = lua_tolstring(L, -1, &length);
  if (!lvm_write(to_stderr, text, length)) return luaL_error(L, "cannot write to %s: %s", to_stderr ? "stderr" : "stdout", strerror(errno));
  return 0;
}

static int body_print(lua_State *L) { return body_print_to(L, false, "", "\t"); }

static int body_warn(lua_State *L) {
  luaL_checkstring(L, 1);
  return body_print_to(L, true, "warning: ", "");
}

static void body_write_all(lua_State *L, int first, bool to_stderr) {
  for (int i = first; i <= lua_gettop(L); i++) {
    size_t length;
    const char *text = luaL_checklstring(L, i, &length);
    if (!lvm_write(to_stderr, text, length))
      luaL_error(L, "cannot write to %s: %s", to_stderr ? "stderr" : "stdout", strerror(errno));
  }
}

static int body_write(lua_State *L) {
  body_write_all(L, 1, false);
  return 0;
}

// io.stderr:write(…) returns io.stderr, as a file's does. It is no file: those write past what makes text harmless.
static int body_write_to_stream(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  body_write_all(L, 2, lua_toboolean(L, lua_upvalueindex(1)));
  lua_settop(L, 1);
  return 1;
}

// Only standard input has lines here.
static int body_lines(lua_State *L) {
  if (!lua_isnoneornil(L, 1)) return luaL_error(L, "io.lines reads standard input only; files need a grant");
  if (lua_gettop(L) == 0) lua_pushnil(L);
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

static void body_open_io(lua_State *L) {
  luaL_requiref(L, LUA_IOLIBNAME, luaopen_io, 0);
  lua_getfield(L, -1, "lines");
  lua_pushcclosure(L, body_lines, 1);
  lua_insert(L, -2);
  body_keep(L, io_names);
  lua_pushcfunction(L, body_write);
  lua_setfield(L, -2, "write");
  lua_insert(L, -2);
  lua_setfield(L, -2, "lines");
  for (int is_stderr = 0; is_stderr <= 1; is_stderr++) {
    lua_createtable(L, 0, 1);
    lua_pushboolean(L, is_stderr);
    lua_pushcclosure(L, body_write_to_stream, 1);
    lua_setfield(L, -2, "write");
    lua_setfield(L, -2, is_stderr ? "stderr" : "stdout");
  }
}

// Functions of the base library that are ours.
static void body_open_base(lua_State *L) {
  static const luaL_Reg ours[] = {
      {"setmetatable", body_setmetatable}, {"collectgarbage", body_collectgarbage}, {"print", body_print},
      {"warn", body_warn},                 {NULL, NULL},
  };
  luaL_requiref(L, LUA_GNAME, luaopen_base, 0);
  body_open_protected(L);
  body_keep(L, base_names);
  luaL_setfuncs(L, ours, 0);
}

int body_open_libraries(lua_State *L) {
  static const struct {
    const char *name;
    lua_CFunction open;
    const char *const *names;
  } libraries[] = {
      {LUA_STRLIBNAME, luaopen_string, string_names}, {LUA_TABLIBNAME, luaopen_table, everything},
      {LUA_MATHLIBNAME, luaopen_math, everything},    {LUA_UTF8LIBNAME, luaopen_utf8, everything},
      {LUA_OSLIBNAME, luaopen_os, os_names},
  };
  body_open_base(L);
  for (size_t i = 0; i < sizeof libraries / sizeof *libraries; i++) {
    luaL_requiref(L, libraries[i].name, libraries[i].open, 0);
    body_keep(L, libraries[i].names);
    lua_setfield(L, -2, libraries[i].name);
  }
  body_open_io(L);
  lua_setfield(L, -2, LUA_IOLIBNAME);
  body_open_coroutine(L);
  lua_setfield(L, -2, LUA_COLIBNAME);
  lua_pushvalue(L, -1);
  lua_setfield(L, -2, LUA_GNAME);
  // Methods of strings come from the kept table, and nobody reaches the metatable.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_getfield(L, -3, LUA_STRLIBNAME);
  lua_setfield(L, -2, "__index");
  lua_pushboolean(L, 0);
  lua_setfield(L, -2, "__metatable");
  lua_pop(L, 2);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  // The originals must not stay reachable for anything that looks into the registry.
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  return 0;
}
