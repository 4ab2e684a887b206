// Rows: what every row of a listing passes, in C. Loops over 100,000 rows took 11,000 instructions a row in Lua.
//
// flatten(more, ahead) gives a function that gives the items of arrays, one at a time and nil at the end: `more` gives the
// next array, or nil, and `ahead`, where there is one, is called when the second item of an array is taken.
//
// loop(current, turn, keep) gives the function that Lua calls with (listing, nil, item) for each step of a `for`. A run is
// { pull, the item it gave last }, and current[listing] the one that went on last: mostly the only one. turn(listing,
// item) gives the run of every other loop, and keep(listing, run) is told of a run that is not current, or has ended.
#include "internal.h"

enum { ITEMS = 1, POSITION, MORE, AHEAD };

static int body_after_ahead(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 1;
}

static int body_step(lua_State *L);

// On top: the next array, or nil.
static int body_after_more(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  if (lua_type(L, -1) != LUA_TTABLE) return 1;
  lua_replace(L, lua_upvalueindex(ITEMS));
  return body_step(L);
}

static int body_step(lua_State *L) {
  for (;;) {
    if (lua_type(L, lua_upvalueindex(ITEMS)) == LUA_TTABLE) {
      lua_Integer position = lua_tointegerx(L, lua_upvalueindex(POSITION), NULL) + 1;
      if (lua_rawgeti(L, lua_upvalueindex(ITEMS), position) != LUA_TNIL) {
        lua_pushinteger(L, position);
        lua_replace(L, lua_upvalueindex(POSITION));
        if (position != 2 || lua_type(L, lua_upvalueindex(AHEAD)) == LUA_TNIL) return 1;
        lua_pushvalue(L, lua_upvalueindex(AHEAD));
        lua_callk(L, 0, 0, 0, body_after_ahead);
        return 1;
      }
    }
    // Let go of before the next one comes, so that there is one at a time.
    lua_settop(L, 0);
    lua_pushnil(L);
    lua_replace(L, lua_upvalueindex(ITEMS));
    lua_pushinteger(L, 0);
    lua_replace(L, lua_upvalueindex(POSITION));
    lua_pushvalue(L, lua_upvalueindex(MORE));
    lua_callk(L, 0, 1, 0, body_after_more);
    if (lua_type(L, -1) != LUA_TTABLE) return 1;
    lua_replace(L, lua_upvalueindex(ITEMS));
  }
}

static int body_flatten(lua_State *L) {
  lua_settop(L, 2);
  lua_pushnil(L);
  lua_pushinteger(L, 0);
  lua_rotate(L, 1, 2);
  lua_pushcclosure(L, body_step, 4);
  return 1;
}

enum { CURRENT = 1, TURN, KEEP };
enum { PULL = 1, LAST };

// On the stack: the listing, the run, and the item that it gave.
static int body_after_pull(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  lua_pushvalue(L, 3);
  lua_rawseti(L, 2, LAST);
  lua_pushvalue(L, 1);
  lua_rawget(L, lua_upvalueindex(CURRENT));
  if (!lua_rawequal(L, -1, 2) || lua_type(L, 3) == LUA_TNIL) {
    lua_pushvalue(L, lua_upvalueindex(KEEP));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 0);
  }
  lua_settop(L, 3);
  return 1;
}

// Pushes the run of the loop that had the item at index 3.
static void body_push_run(lua_State *L) {
  lua_pushvalue(L, 1);
  if (lua_rawget(L, lua_upvalueindex(CURRENT)) == LUA_TTABLE) {
    lua_rawgeti(L, 4, LAST);
    bool goes_on = lua_rawequal(L, 3, 5);
    lua_settop(L, 4);
    if (goes_on) return;
  }
  lua_settop(L, 3);
  lua_pushvalue(L, lua_upvalueindex(TURN));
  lua_pushvalue(L, 1);
  lua_pushvalue(L, 3);
  lua_call(L, 2, 1);
}

static int body_loop_step(lua_State *L) {
  lua_settop(L, 3);
  body_push_run(L);
  lua_replace(L, 2);
  lua_settop(L, 2);
  lua_rawgeti(L, 2, PULL);
  lua_callk(L, 0, 1, 0, body_after_pull);
  return body_after_pull(L, LUA_OK, 0);
}

static int body_loop(lua_State *L) {
  lua_settop(L, 3);
  lua_pushcclosure(L, body_loop_step, 3);
  return 1;
}

// Host section. Both, into the table on top.
void lvm_set_rows(lua_State *L) {
  lua_pushcclosure(L, body_flatten, 0);
  lvm_set_field(L, -2, "flatten", 7);
  lua_pushcclosure(L, body_loop, 0);
  lvm_set_field(L, -2, "loop", 4);
}
