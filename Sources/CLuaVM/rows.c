// Rows: what every row of a listing passes, in C. In Lua it took 11,000 instructions a row.
//
// flatten(more, ahead) gives a function that gives the items of arrays, one at a time and nil at the end: `more` gives
// the next array, or nil, and `ahead`, where there is one, is called when the second item of an array is taken.
//
// loop(current, turn, keep) gives the function that Lua calls with (listing, nil, item) for each step of a `for`. A run is
// { pull, the item it gave last }, and current[listing] the one that went on last: mostly the only one. turn(listing,
// item) gives the run of every other loop, and keep(listing, run) is told of a run that is not current, or has ended.
#include "internal.h"

// What a flattening function goes over: a userdata, which is its one upvalue, with these values.
enum { ITEMS = 1, MORE, AHEAD, LISTING, VALUES = LISTING };
struct source {
  lua_Integer position;  // of the item that was given last
  // While a loop's next item is given by body_give_next: the listing, which is held by a value, and the item that was
  // given last, which its array holds: NULL when another array has come.
  const void *listing, *last;
};

static struct source *source_at(lua_State *L, int index) { return lua_touserdata(L, index); }

static void body_set_items(lua_State *L, int index) {
  struct source *source = source_at(L, index);
  lua_setiuservalue(L, index, ITEMS);
  source->position = 0;
  source->last = NULL;
}

// Pushes the item after the last one and tells whether there is one.
static bool body_take(lua_State *L, int index, struct source *source) {
  if (lua_getiuservalue(L, index, ITEMS) != LUA_TTABLE) return false;
  if (lua_rawgeti(L, -1, source->position + 1) == LUA_TNIL) return false;
  source->position++;
  return true;
}

static int body_after_ahead(lua_State *L, int status, lua_KContext context) {
  (void)L, (void)status, (void)context;
  return 1;
}

static int body_step_on(lua_State *L);

// On the stack: the source; and the next array, or nil.
static int body_after_more(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  if (lua_type(L, 2) != LUA_TTABLE) return 1;
  body_set_items(L, 1);
  return body_step_on(L);
}

static int body_step_on(lua_State *L) {
  struct source *source = source_at(L, 1);
  for (;;) {
    if (body_take(L, 1, source)) {
      if (source->position != 2 || lua_getiuservalue(L, 1, AHEAD) == LUA_TNIL) {
        lua_settop(L, 3);
        return 1;
      }
      lua_callk(L, 0, 0, 0, body_after_ahead);
      return 1;
    }
    // Let go of before the next one comes, so that there is one at a time.
    lua_settop(L, 1);
    lua_pushnil(L);
    body_set_items(L, 1);
    lua_getiuservalue(L, 1, MORE);
    lua_callk(L, 0, 1, 0, body_after_more);
    if (lua_type(L, 2) != LUA_TTABLE) return 1;
    body_set_items(L, 1);
  }
}

static int body_step(lua_State *L) {
  lua_settop(L, 0);
  lua_pushvalue(L, lua_upvalueindex(1));
  return body_step_on(L);
}

static int body_flatten(lua_State *L) {
  lua_settop(L, 2);
  struct source *source = lua_newuserdatauv(L, sizeof *source, VALUES);
  *source = (struct source){0};
  lua_insert(L, 1);
  lua_setiuservalue(L, 1, AHEAD);
  lua_setiuservalue(L, 1, MORE);
  lua_pushcclosure(L, body_step, 1);
  return 1;
}

enum { CURRENT = 1, TURN, KEEP, RECENT };
enum { PULL = 1, LAST };
// Of the loop that went on last, in a table that keeps neither alive: what it goes over, and its run.
enum { SOURCE = 1, RUN };

// Gives the item after `last` of the loop that went on last, past the second one of its array: nothing but that is
// wanted. For most rows of a page this is all that happens; to find the run, and to note its last item, took three
// times as long.
static bool body_give_next(lua_State *L) {
  if (lua_rawgeti(L, lua_upvalueindex(RECENT), SOURCE) != LUA_TUSERDATA) return false;
  struct source *source = source_at(L, 4);
  const void *last = lua_topointer(L, 3);
  if (!last || last != source->last || lua_topointer(L, 1) != source->listing || !body_take(L, 4, source)) return false;
  source->last = lua_topointer(L, -1);
  return true;
}

// Notes in the run of the loop that went on last what body_give_next has given.
static void body_note_last(lua_State *L) {
  int top = lua_gettop(L);
  if (lua_rawgeti(L, lua_upvalueindex(RECENT), SOURCE) == LUA_TUSERDATA) {
    struct source *source = source_at(L, -1);
    // Unless another task, which waits in the same run, has been given another array meanwhile.
    if (source->last && lua_getiuservalue(L, -1, ITEMS) == LUA_TTABLE &&
        lua_rawgeti(L, lua_upvalueindex(RECENT), RUN) == LUA_TTABLE) {
      lua_rawgeti(L, -2, source->position);
      lua_rawseti(L, -2, LAST);
    }
    source->last = NULL;
    lua_pushnil(L);
    lua_rawseti(L, lua_upvalueindex(RECENT), SOURCE);
  }
  lua_settop(L, top);
}

// From the next item on body_give_next may do it. On the stack: the listing, its current run, and the item that it gave.
static void body_remember(lua_State *L) {
  lua_rawgeti(L, 2, PULL);
  if (lua_tocfunction(L, -1) == body_step) {
    lua_getupvalue(L, -1, 1);
    struct source *source = source_at(L, -1);
    if (source->position > 1) {
      source->listing = lua_topointer(L, 1);
      source->last = lua_topointer(L, 3);
      lua_pushvalue(L, 1);
      lua_setiuservalue(L, -2, LISTING);
      lua_rawseti(L, lua_upvalueindex(RECENT), SOURCE);
      lua_pushvalue(L, 2);
      lua_rawseti(L, lua_upvalueindex(RECENT), RUN);
    }
  }
  lua_settop(L, 3);
}

// On the stack: the listing, the run, and the item that it gave.
static int body_after_pull(lua_State *L, int status, lua_KContext context) {
  (void)status, (void)context;
  body_note_last(L);
  lua_pushvalue(L, 3);
  lua_rawseti(L, 2, LAST);
  lua_pushvalue(L, 1);
  lua_rawget(L, lua_upvalueindex(CURRENT));
  if (!lua_rawequal(L, -1, 2) || lua_type(L, 3) == LUA_TNIL) {
    lua_pushvalue(L, lua_upvalueindex(KEEP));
    lua_pushvalue(L, 1);
    lua_pushvalue(L, 2);
    lua_call(L, 2, 0);
  } else {
    body_remember(L);
  }
  lua_settop(L, 3);
  return 1;
}

// Puts the run of the loop that had the item at index 3 at index 2.
static void body_find_run(lua_State *L) {
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
}

static int body_loop_step(lua_State *L) {
  if (lua_gettop(L) != 3) lua_settop(L, 3);
  if (body_give_next(L)) return 1;
  body_note_last(L);
  lua_settop(L, 3);
  body_find_run(L);
  lua_rawgeti(L, 2, PULL);
  lua_callk(L, 0, 1, 0, body_after_pull);
  return body_after_pull(L, LUA_OK, 0);
}

static int body_loop(lua_State *L) {
  lua_settop(L, 3);
  lua_createtable(L, 2, 0);
  lua_createtable(L, 0, 1);
  lua_pushlstring(L, "v", 1);
  lvm_set_field(L, -2, "__mode", 6);
  lua_setmetatable(L, -2);
  lua_pushcclosure(L, body_loop_step, 4);
  return 1;
}

// Host section. Both, into the table on top.
void lvm_set_rows(lua_State *L) {
  lua_pushcclosure(L, body_flatten, 0);
  lvm_set_field(L, -2, "flatten", 7);
  lua_pushcclosure(L, body_loop, 0);
  lvm_set_field(L, -2, "loop", 4);
}
