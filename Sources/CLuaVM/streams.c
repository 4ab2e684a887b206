// What scripts have of the io library: the standard streams, written through what makes text harmless (output.c).
#include <errno.h>
#include <string.h>

#include "internal.h"

void body_write_value(lua_State *L, int index, bool to_stderr) {
  size_t length;
  const char *text = luaL_checklstring(L, index, &length);
  if (!lvm_write(to_stderr, text, length))
    luaL_error(L, "cannot write to %s: %s", to_stderr ? "stderr" : "stdout", strerror(errno));
}

static int body_write(lua_State *L) {
  for (int i = 1; i <= lua_gettop(L); i++) body_write_value(L, i, false);
  return 0;
}

// io.stderr:write(…) returns io.stderr, as a file's does. It is no file: those write past what makes text harmless.
static int body_write_to_stream(lua_State *L) {
  luaL_checktype(L, 1, LUA_TTABLE);
  for (int i = 2; i <= lua_gettop(L); i++) body_write_value(L, i, lua_toboolean(L, lua_upvalueindex(1)));
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

// In the table on top stand Lua's own read and lines.
void body_open_streams(lua_State *L) {
  lua_getfield(L, -1, "lines");
  lua_pushcclosure(L, body_lines, 1);
  lua_setfield(L, -2, "lines");
  lua_pushcfunction(L, body_write);
  lua_setfield(L, -2, "write");
  for (int is_stderr = 0; is_stderr <= 1; is_stderr++) {
    lua_createtable(L, 0, 1);
    lua_pushboolean(L, is_stderr);
    lua_pushcclosure(L, body_write_to_stream, 1);
    lua_setfield(L, -2, "write");
    lua_setfield(L, -2, is_stderr ? "stderr" : "stdout");
  }
}
