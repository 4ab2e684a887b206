// The sandbox: the globals of scripts, built from nothing by an allowlist. Tests/Scripts/globals.golden lists the
// result, so that adding a name is a change somebody sees.
//
// Nobody but the trusted has debug, package, files, processes, the environment, bytecode. What is ours instead of Lua's
// is in base.c, lazy.c, strings.c, tables.c, streams.c and coroutine.c; what scripts may do with metatables in guards.c.
#include <string.h>
#include <sys/random.h>

#include "internal.h"

static const char *const base_names[] = {
    "assert", "error",  "getmetatable", "ipairs", "load",     "next",   "pairs",    "pcall",    "rawequal", "rawget", "rawlen",
    "rawset", "select", "setmetatable", "tonumber", "tostring", "type", "xpcall", "_VERSION", NULL,
};
static const char *const string_names[] = {
    "byte", "char", "format", "len", "lower", "pack", "packsize", "reverse", "sub", "unpack", "upper", NULL,
};
static const char *const os_names[] = {"clock", "date", "difftime", "time", NULL};
static const char *const io_names[] = {"lines", "read", NULL};
// A snippet closes no coroutine: closing runs what the coroutine left open.
static const char *const snippet_coroutine_names[] = {
    "create", "isyieldable", "resume", "running", "status", "wrap", "yield", NULL,
};
static const char *const everything[] = {NULL};

// The original is the upvalue. In a snippet's texts stand no addresses.
static int body_snippet_format(lua_State *L) {
  size_t length;
  const char *format = luaL_checklstring(L, 1, &length), *end = format + length;
  // A 0 does not end it. One stands behind its last byte, though, at which strspn stops.
  while ((format = memchr(format, '%', (size_t)(end - format)))) {
    format += 1 + strspn(format + 1, "-+ #0123456789.");
    if (*format == 'p') return luaL_error(L, "'%%p' is not available here: it shows addresses");
    if (format < end) format++;
  }
  for (int i = 2; i <= lua_gettop(L); i++) {
    int type = lua_type(L, i);
    if (type != LUA_TTABLE && type != LUA_TFUNCTION && type != LUA_TTHREAD && type != LUA_TUSERDATA) continue;
    body_tolstring(L, i, NULL);
    lua_replace(L, i);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, 1);
  return 1;
}

// Lua's own takes an address as a seed where it is given none, and returns it; and four numbers tell what they were
// seeded with. The original is the upvalue.
static int body_snippet_randomseed(lua_State *L) {
  if (lua_gettop(L) == 0) {
    lua_Integer seeds[2];
    if (getrandom(seeds, sizeof seeds, 0) != sizeof seeds) return luaL_error(L, "the system gives no random numbers");
    lua_pushinteger(L, seeds[0]);
    lua_pushinteger(L, seeds[1]);
  }
  lua_pushvalue(L, lua_upvalueindex(1));
  lua_insert(L, 1);
  lua_call(L, lua_gettop(L) - 1, LUA_MULTRET);
  return lua_gettop(L);
}

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

// Pushes a library of Lua's, as far as a profile has it.
static void body_open(lua_State *L, const char *name, lua_CFunction open, const char *const *names) {
  bool is_trusted = vm_of(L)->profile == LVM_TRUSTED;
  luaL_requiref(L, name, open, is_trusted);
  body_keep(L, is_trusted ? everything : names);
}

static void body_open_trusted(lua_State *L) {
  // Neither LUA_PATH nor a library of the folder in which the command happens to run.
  lua_pushboolean(L, 1);
  lua_setfield(L, LUA_REGISTRYINDEX, "LUA_NOENV");
  body_open(L, LUA_LOADLIBNAME, luaopen_package, everything);
  static const char *const paths[] = {"path", "cpath", NULL};
  for (const char *const *path = paths; *path; path++) {
    lua_getfield(L, -1, *path);
    luaL_gsub(L, lua_tostring(L, -1), ";./?.lua;./?/init.lua", "");
    luaL_gsub(L, lua_tostring(L, -1), ";./?.so", "");
    lua_setfield(L, -4, *path);
    lua_pop(L, 2);
  }
  lua_pop(L, 1);
  body_open(L, LUA_DBLIBNAME, luaopen_debug, everything);
  lua_pop(L, 1);
}

int body_open_libraries(lua_State *L) {
  lvm_profile profile = vm_of(L)->profile;
  bool is_snippet = profile == LVM_SNIPPET, is_trusted = profile == LVM_TRUSTED;
  body_open(L, LUA_GNAME, luaopen_base, base_names);
  body_open_base(L);

  body_open(L, LUA_STRLIBNAME, luaopen_string, string_names);
  body_open_strings(L);
  if (is_snippet) {
    lua_getfield(L, -1, "format");
    lua_pushcclosure(L, body_snippet_format, 1);
    lua_setfield(L, -2, "format");
  }
  // Methods of strings come from this table; nobody but the trusted reaches the metatable.
  lua_pushliteral(L, "");
  lua_getmetatable(L, -1);
  lua_pushvalue(L, -3);
  lua_setfield(L, -2, "__index");
  if (!is_trusted) {
    lua_pushboolean(L, 0);
    lua_setfield(L, -2, "__metatable");
  }
  lua_pop(L, 2);
  lua_setfield(L, -2, LUA_STRLIBNAME);

  body_open(L, LUA_TABLIBNAME, luaopen_table, everything);
  body_open_tables(L);
  lua_setfield(L, -2, LUA_TABLIBNAME);
  body_open(L, LUA_MATHLIBNAME, luaopen_math, everything);
  if (is_snippet) {
    lua_getfield(L, -1, "randomseed");
    lua_pushcclosure(L, body_snippet_randomseed, 1);
    lua_pushvalue(L, -1);
    lua_setfield(L, -3, "randomseed");
    lua_call(L, 0, 0);
  }
  lua_setfield(L, -2, LUA_MATHLIBNAME);
  body_open(L, LUA_UTF8LIBNAME, luaopen_utf8, everything);
  lua_setfield(L, -2, LUA_UTF8LIBNAME);
  body_open(L, LUA_OSLIBNAME, luaopen_os, os_names);
  lua_setfield(L, -2, LUA_OSLIBNAME);
  body_open_coroutine(L);
  body_keep(L, is_snippet ? snippet_coroutine_names : everything);
  lua_setfield(L, -2, LUA_COLIBNAME);
  if (!is_snippet) {
    body_open(L, LUA_IOLIBNAME, luaopen_io, io_names);
    if (!is_trusted) body_open_streams(L);
    lua_setfield(L, -2, LUA_IOLIBNAME);
  }
  if (is_trusted) body_open_trusted(L);

  lua_pushvalue(L, -1);
  lua_setfield(L, -2, LUA_GNAME);
  body_keep_environment(L);
  lua_rawseti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  if (is_trusted) return 0;
  // The originals must not stay reachable for anything that looks into the registry.
  lua_pushnil(L);
  lua_setfield(L, LUA_REGISTRYINDEX, LUA_LOADED_TABLE);
  return 0;
}

int body_seal(lua_State *L) {
  lua_rawgeti(L, LUA_REGISTRYINDEX, LUA_RIDX_GLOBALS);
  body_guard(L);
  return 0;
}

const char *lvm_lua_ident(void) { return lua_ident; }
