// Rows: what every row of a listing passes, in C. In Lua it took 11,000 instructions a row.
//
// flatten(more, ahead) gives a function that gives the items of arrays, one at a time and nil at the end: `more` gives
// the next array, or nil, and `ahead`, where there is one, is called when the second item of an array is taken.
//
// loop(current, turn, keep) gives the function that Lua calls with (listing, nil, item) for each step of a `for`. A run is
// { pull, the item it gave last }, and current[listing] the one that went on last: mostly the only one. turn(listing,
// item) gives the run of every other loop, and keep(listing, run) is told of a run that is not current, or has ended.
#include "internal.h"

// What a flattening function goes over, in a table that is its one upvalue.
enum { ITEMS = 1, POSITION, MORE, AHEAD };

static lua_Integer body_position(lua_State *L, int state) {
  lua_rawgeti(L, state, POSITION);
  lua_Integer position = lua_tointegerx(L, -1, NULL);
  lua_settop(L, -2);
  return position;
}

// Pushes the item after this position and tells whether there is one.
static bool body_take(lua_State *L, int state, lua_Integer position) {
  if (lua_rawgeti(L, state, ITEMS) != LUA_TTABLE || lua_rawgeti(L, -1, position + 1) == LUA_TNIL) return false;
  lua_pushinteger(L, position + 1);
  lua_rawseti(L, state, POSITION);
  return true;
}

static int body_after_ahead(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 1;
}

static int body_step_on(lua_State *L);

// On the stack: the state; and the next array, or nil.
static int body_after_more(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  if (lua_type(L, 2) != LUA_TTABLE) return 1;
  lua_rawseti(L, 1, ITEMS);
  return body_step_on(L);
}

static int body_step_on(lua_State *L) {
  for (;;) {
    lua_Integer position = body_position(L, 1);
    if (body_take(L, 1, position)) {
      if (position != 1 || lua_rawgeti(L, 1, AHEAD) == LUA_TNIL) {
        lua_settop(L, 3);
        return 1;
      }
      lua_callk(L, 0, 0, 0, body_after_ahead);
      return 1;
    }
    // Let go of before the next one comes, so that there is one at a time.
    lua_settop(L, 1);
    lua_pushnil(L);
    lua_rawseti(L, 1, ITEMS);
    lua_pushinteger(L, 0);
    lua_rawseti(L, 1, POSITION);
    lua_rawgeti(L, 1, MORE);
    lua_callk(L, 0, 1, 0, body_after_more);
    if (lua_type(L, 2) != LUA_TTABLE) return 1;
    lua_rawseti(L, 1, ITEMS);
  }
}

static int body_step(lua_State *L) {
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  return body_step_on(L);
}

static int body_flatten(lua_State *L) {
  lua_settop(L, 2);
  lua_createtable(L, 4, 0);
  lua_insert(L, 1);
  lua_rawseti(L, 1, AHEAD);
  lua_rawseti(L, 1, MORE);
  lua_pushinteger(L, 0);
  lua_rawseti(L, 1, POSITION);
  lua_pushcclosure(L, body_step, 1);
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

// Puts the run of the loop that had the item at index 3 at index 2; true when it is the current one.
static bool body_find_run(lua_State *L) {
  lua_pushvalue(L, 1);
  bool is_current = lua_rawget(L, lua_upvalueindex(CURRENT)) == LUA_TTABLE;
  if (is_current) {
    lua_rawgeti(L, 4, LAST);
    is_current = lua_rawequal(L, 3, 5);
    lua_settop(L, 4);
  }
  if (!is_current) {
    lua_pushvalue(L, lua_upvalueindex(TURN));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 3);
    lua_call(L, 2, 1);
  }
  lua_replace(L, 2);
  lua_settop(L, 2);
  return is_current;
}

static int body_loop_step(lua_State *L) {
  lua_settop(L, 3);
  bool is_current = body_find_run(L);
  lua_rawgeti(L, 2, PULL);
  // Past the second item of an array nothing but the next one is wanted, without a call.
  if (is_current && lua_tocfunction(L, 3) == body_step) {
    lua_getupvalue(L, 3, 1);
    lua_Integer position = body_position(L, 4);
    if (position > 1 && body_take(L, 4, position)) {
      lua_pushvalue(L, -1);
      lua_rawseti(L, 2, LAST);
      return 1;
    }
    lua_settop(L, 3);
  }
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
