// The builder: Lua values straight from the bytes of an answer.
//
// It follows the scanner's tokens with a stack of its own and knows from the shape which numbers are timestamps and which
// tables are records. Host section only.
#include <string.h>

#include "CJSON.h"
#include "internal.h"
#include "kept.h"

enum {
  PIN_ROOM = 64,         // what records of a document have at hand: two shapes with 8 members in a page, 5 with 20 at most
  PINNED_NUMBERS = 256,
  PINNED_BEFORE_NAMES = 2,
  MOST_MISSES = 16,      // of a member whose texts are looked for among those that are kept
  MOST_EXPECTED = 1000,  // items that room is made for beforehand: the service's largest page
  FEWEST_LAZY_MEMBERS = 5,  // of a record: of fewer a table costs no more than a lazy row of which one is read
  LONGEST_LAZY_ROW = 4096,  // bytes: of a longer one the table costs less than the text
  PROBED_ROWS = 8,       // of a list: lazy in any case, to see what becomes of them
};

struct level {
  int shape;         // of this object or list, -1 for any
  int member_shape;  // of the value to come, in an object
  int names;         // where the record's names stand on the stack, 0 for nowhere
  int last;          // the modelled member before, -1 at the start
  int64_t count;     // items so far
  bool object;
  uint64_t seen;  // modelled members so far
};

struct builder {
  lua_State *L;
  lvm *vm;
  // A script's own document: the shape of every list, what stands for null, and the last of two members counts.
  bool is_own;
  int own_list, own_null;
  cjson_scanner scanner;
  struct level levels[CJSON_DEPTH + 1];
  int depth;
  int base;  // what was on the stack before
  // Strings of texts that may come again stand on the stack above the base (kept.h).
  struct kept_texts kept;
  // What records of a shape need stands above them from the first of them on: the metatable, above it nil or that of lazy
  // rows, and above it the members' names. Where, by the shape's number.
  int pinned;
  int pins[PINNED_NUMBERS];
};

static struct shape *shape_of(const struct builder *b, int number) { return number < 0 ? NULL : &b->vm->shapes[number]; }

// The shape of the value that comes next.
static int expected(const struct builder *b, int top) {
  if (b->depth == 0) return top;
  const struct level *level = &b->levels[b->depth - 1];
  if (level->object) return level->member_shape;
  const struct shape *list = shape_of(b, level->shape);
  return list && list->kind == LVM_SHAPE_LIST ? list->item : -1;
}

// Pushes the text of a key or string token.
static void push_text(struct builder *b) {
  const cjson_scanner *s = &b->scanner;
  if (!s->escaped) {
    lua_pushlstring(b->L, s->text, s->length);
    return;
  }
  luaL_Buffer buffer;
  char *out = luaL_buffinitsize(b->L, &buffer, s->length);
  luaL_pushresultsize(&buffer, cjson_unescape(s->text, s->length, out));
}

// Puts the value on top into the object below its key.
static void set_member(lua_State *L) { lua_rawset(L, -3); }

// Puts the value on top into the table below it (under it its key, in an object). The outermost value stays.
static void place(struct builder *b) {
  if (b->depth == 0) return;
  struct level *level = &b->levels[b->depth - 1];
  if (level->object) set_member(b->L);
  else lua_rawseti(b->L, -2, ++level->count);
}

// Where the metatable of a record's shape stands on the stack, that of its lazy rows above it; 0 when there is too much to keep.
static int pin(struct builder *b, int number) {
  if (number >= PINNED_NUMBERS || b->pins[number]) return number < PINNED_NUMBERS ? b->pins[number] : 0;
  lua_State *L = b->L;
  struct shape *record = &b->vm->shapes[number];
  int count = record->count, place = b->base + b->kept.count + b->pinned + 1;
  if (b->pinned + count + 1 >= PIN_ROOM) return 0;
  lua_rawgeti(L, LUA_REGISTRYINDEX, record->metatable);
  lua_pushnil(L);
  lua_rawgetp(L, -2, &b->vm->record_key);
  for (int i = 0; i < count; i++) {
    lua_rawgeti(L, -i - 1, i + 1);
    record->members[i].misses = 0;
  }
  lua_rotate(L, -count - 1, -1);  // the table of names, which is not needed any more
  lua_settop(L, lua_gettop(L) - 1);
  lua_rotate(L, place, count + PINNED_BEFORE_NAMES);
  b->pinned += count + PINNED_BEFORE_NAMES;
  return b->pins[number] = place;
}

// Before a list of records: what became of the rows before tells what will become of these. A loop does the same to each of
// them, and a row that is filled has cost more than one that was made whole.
static void look_back(struct shape *record) {
  if (!record || record->tried_rows < PROBED_ROWS) return;
  record->is_wanted_whole = 2 * record->whole_rows > record->tried_rows;
  record->tried_rows = record->whole_rows = 0;
}

static void begin(struct builder *b, bool object, int wanted) {
  const struct shape *shape = shape_of(b, wanted);
  bool fits = shape && shape->kind == (object ? LVM_SHAPE_RECORD : LVM_SHAPE_LIST);
  int place = object && fits ? pin(b, wanted) : 0;
  // The lists of a script's own document share one shape, and nest: what one of them had says nothing of the next.
  int items = object || !fits || b->is_own ? 0 : shape->usual;
  lua_createtable(b->L, items, object && fits ? shape->count : 0);
  if (fits) {
    if (place) lua_pushvalue(b->L, place);
    else lua_rawgeti(b->L, LUA_REGISTRYINDEX, shape->metatable);
    lua_setmetatable(b->L, -2);
  }
  if (!object && fits) look_back(shape_of(b, shape->item));
  b->levels[b->depth++] =
      (struct level){.shape = fits ? wanted : -1, .names = place ? place + PINNED_BEFORE_NAMES : 0, .last = -1, .object = object};
}

static void end(struct builder *b) {
  const struct level *level = &b->levels[--b->depth];
  struct shape *list = level->object ? NULL : shape_of(b, level->shape);
  if (list) list->usual = level->count < MOST_EXPECTED ? (int)level->count : MOST_EXPECTED;
}

static bool is_named(const struct member *member, const char *name, size_t length) {
  return member->length == length && memcmp(member->name, name, length) == 0;
}

// The number of the member that followed the one before, -1 at the start, last time.
static int *following(struct shape *record, int before) {
  return before < 0 ? &record->first : &record->members[before].next;
}

// The number of the member of this name, or -1. It is mostly the one that followed last time.
static int member_named(int before, struct shape *record, const char *name, size_t length) {
  int *guess = following(record, before), i = *guess;
  if (i >= record->count || !is_named(&record->members[i], name, length))
    for (i = 0; i < record->count && !is_named(&record->members[i], name, length);) i++;
  return i == record->count ? -1 : (*guess = i);
}

// Pushes the text of a member's string token. Of a member whose texts do not come again that is seen soon.
static void push_member_text(struct builder *b, struct member *member) {
  const cjson_scanner *s = &b->scanner;
  if (member->misses >= MOST_MISSES || s->escaped || !may_be_kept(&b->kept, s->length)) return push_text(b);
  if (push_kept_text(b->L, &b->kept, b->base + 1, s->text, s->length)) member->misses -= member->misses > 1 ? 2 : member->misses;
  else member->misses++;
}

// Takes members of a record as long as they come in the order of the last one and are texts; gives the token that is next.
// Token by token a row took a quarter more.
static cjson_kind take_usual_members(struct builder *b) {
  struct level *level = &b->levels[b->depth - 1];
  struct shape *record = &b->vm->shapes[level->shape];
  const int *guess = following(record, level->last);
  for (;;) {
    int i = *guess;
    if (i >= record->count || level->seen >> i & 1) break;
    struct member *member = &record->members[i];
    guess = &member->next;
    cjson_kind kind = cjson_member(&b->scanner, member->head, member->length + 3);
    if (kind == CJSON_END) break;
    lua_pushvalue(b->L, level->names + i);
    level->seen |= (uint64_t)1 << i;
    level->last = i;
    if (kind != CJSON_STRING) {
      level->member_shape = member->shape;
      return kind;
    }
    push_member_text(b, member);
    set_member(b->L);
  }
  return cjson_next(&b->scanner);
}

// Pushes the member's name; null, or what is wrong with it.
static const char *key(struct builder *b) {
  struct level *level = &b->levels[b->depth - 1];
  struct shape *record = shape_of(b, level->shape);
  level->member_shape = -1;
  size_t length = b->scanner.length;
  const char *name = b->scanner.text;
  if (b->scanner.escaped || !level->names) {
    push_text(b);
    name = lvm_string(b->L, -1, &length);
  }
  int i = record ? member_named(level->last, record, name, length) : -1;
  if (name == b->scanner.text) {
    if (i >= 0) lua_pushvalue(b->L, level->names + i);
    else lua_pushlstring(b->L, name, length);
  }
  if (i >= 0) {
    if (level->seen >> i & 1) return "duplicate member";
    level->seen |= (uint64_t)1 << i;
    level->last = i;
    level->member_shape = record->members[i].shape;
    return NULL;
  }
  if (b->is_own) return NULL;
  lua_pushvalue(b->L, -1);
  bool duplicate = lua_rawget(b->L, -3) != LUA_TNIL;
  lua_settop(b->L, lua_gettop(b->L) - 1);
  return duplicate ? "duplicate member" : NULL;
}

// Whether the number that was scanned is the epoch seconds of a timestamp: where the shape says so, and in the years 1 to
// 9999.
static bool is_timestamp(const struct builder *b, cjson_kind kind, int wanted, int64_t *microseconds) {
  const struct shape *shape = shape_of(b, wanted);
  const cjson_scanner *s = &b->scanner;
  if ((kind != CJSON_INTEGER && kind != CJSON_NUMBER) || !shape || shape->kind != LVM_SHAPE_TIMESTAMP) return false;
  double seconds = kind == CJSON_INTEGER ? (double)s->integer : s->number, micros = seconds * 1e6;
  if (!(seconds >= -62135596800.0 && seconds < 253402300800.0)) return false;
  *microseconds = kind == CJSON_INTEGER ? s->integer * 1000000 : (int64_t)(micros < 0 ? micros - 0.5 : micros + 0.5);
  return true;
}

static void push_number(struct builder *b, cjson_kind kind, int wanted) {
  int64_t microseconds;
  if (is_timestamp(b, kind, wanted, &microseconds)) lvm_push_timestamp(b->L, microseconds);
  else if (kind == CJSON_INTEGER) lua_pushinteger(b->L, b->scanner.integer);
  else lua_pushnumber(b->L, b->scanner.number);
}

static void push_null(struct builder *b) {
  if (b->is_own) lua_rawgeti(b->L, LUA_REGISTRYINDEX, b->own_null);
  else lua_pushnil(b->L);
}

// MARK: Lazy rows

enum { NO_MEMBER = -1, NO_LAZY_MEMBER = -2 };

// The next member of a row, its value scanned: its number, or that there is none, or none that a lazy row can hold.
static int next_lazy_member(struct builder *b, struct shape *record, int before, cjson_kind *value) {
  cjson_scanner *s = &b->scanner;
  int i = *following(record, before);
  if (i < record->count) {
    const struct member *member = &record->members[i];
    *value = cjson_member(s, member->head, member->length + 3);
    if (*value != CJSON_END) return i;
  }
  cjson_kind kind = cjson_next(s);
  if (kind == CJSON_OBJECT_END) return NO_MEMBER;
  if (kind != CJSON_KEY || s->escaped || (i = member_named(before, record, s->text, s->length)) < 0) return NO_LAZY_MEMBER;
  *value = cjson_next(s);
  return i;
}

// What the members of the row that begins here are, up to its end. False when there is one that is no plain text and no
// timestamp, or that comes twice.
static bool read_lazy_row(struct builder *b, struct shape *record, struct lazy_row *row, union lazy_member *members) {
  const char *text = b->scanner.cursor;
  cjson_kind kind = CJSON_END;
  for (int i = NO_MEMBER; (i = next_lazy_member(b, record, i, &kind)) != NO_MEMBER;) {
    if (i == NO_LAZY_MEMBER || row->sent >> i & 1) return false;
    uint64_t bit = (uint64_t)1 << i;
    if (kind == CJSON_STRING && !b->scanner.escaped)
      members[i].start = (uint32_t)(b->scanner.text - text), members[i].length = (uint32_t)b->scanner.length;
    else if (is_timestamp(b, kind, record->members[i].shape, &members[i].microseconds)) row->dated |= bit;
    else return false;
    row->sent |= bit;
    if (b->scanner.cursor - text > LONGEST_LAZY_ROW) return false;
  }
  return true;
}

// Whether a record, an item of a list, is to be a lazy row.
static bool is_to_be_lazy(const struct builder *b, const struct shape *record) {
  const struct level *level = b->depth > 0 ? &b->levels[b->depth - 1] : NULL;
  if (!level || level->object || !record || record->kind != LVM_SHAPE_RECORD || !b->vm->row_key) return false;
  return record->count >= FEWEST_LAZY_MEMBERS && (!record->is_wanted_whole || level->count < PROBED_ROWS);
}

// Pushes the object that begins here as a lazy row (lazy.c), when it is to be one and its members allow it. Else nothing has
// been read.
static bool push_lazy_row(struct builder *b, int number) {
  lua_State *L = b->L;
  struct shape *record = shape_of(b, number);
  int place = is_to_be_lazy(b, record) ? pin(b, number) : 0;
  if (!place) return false;
  cjson_scanner before = b->scanner;
  struct lazy_row row = {.shape = number};
  union lazy_member members[MOST_MEMBERS];
  record->tried_rows++;
  if (!read_lazy_row(b, record, &row, members)) {
    record->whole_rows++;
    b->scanner = before;
    return false;
  }
  if (row.dated) provide_timestamps(b->vm);
  if (lua_type(L, place + 1) == LUA_TNIL) {
    push_lazy_metatable(L, number);
    lua_replace(L, place + 1);
  }
  size_t count = (size_t)record->count, length = (size_t)(b->scanner.cursor - before.cursor);
  lua_createtable(L, 0, 1 + MOST_MOVED_MEMBERS);
  struct lazy_row *made = lua_newuserdatauv(L, sizeof row + count * sizeof *members + length, 0);
  *made = row;
  memcpy(made->members, members, count * sizeof *members);
  memcpy(made->members + count, before.cursor, length);
  make_lazy(L, place + 1);
  return true;
}

static const char *build(struct builder *b, int shape) {
  lua_State *L = b->L;
  b->base = lua_gettop(L);
  // A level holds a table and a key; then a value, and room for a buffer and what is kept and pinned.
  if (!lua_checkstack(L, b->kept.count + 2 * CJSON_DEPTH + PIN_ROOM + 8)) return "nested too deeply";
  lua_settop(L, b->base + b->kept.count);
  for (;;) {
    const char *problem = NULL;
    bool is_usual = b->depth > 0 && b->levels[b->depth - 1].names;
    cjson_kind kind = is_usual ? take_usual_members(b) : cjson_next(&b->scanner);
    int wanted = kind == CJSON_KEY ? -1 : expected(b, shape);
    switch (kind) {
      case CJSON_OBJECT_BEGIN:
        if (push_lazy_row(b, wanted)) break;
        begin(b, true, wanted);
        continue;
      case CJSON_ARRAY_BEGIN: begin(b, false, b->is_own ? b->own_list : wanted); continue;
      case CJSON_OBJECT_END: case CJSON_ARRAY_END: end(b); break;
      case CJSON_KEY: problem = key(b); break;
      case CJSON_STRING: push_text(b); break;
      case CJSON_INTEGER: case CJSON_NUMBER: push_number(b, kind, wanted); break;
      case CJSON_TRUE: case CJSON_FALSE: lua_pushboolean(L, kind == CJSON_TRUE); break;
      case CJSON_NULL: push_null(b); break;
      case CJSON_END:
        if (b->kept.count + b->pinned) lua_replace(L, b->base + 1);
        lua_settop(L, b->base + 1);
        return NULL;
      default: problem = b->scanner.problem;
    }
    if (problem) {
      lua_settop(L, b->base);
      return problem;
    }
    if (kind != CJSON_KEY) place(b);
  }
}

// Levels are set when they are reached, and of the pins those that there are shapes for: to clear all of both took a
// third of a small answer's work.
static void prepare(struct builder *b, lua_State *L, const char *bytes, size_t length) {
  b->L = L;
  b->vm = vm_of(L);
  b->is_own = false;
  b->scanner = cjson_begin(bytes, length);
  b->depth = b->pinned = b->kept.count = 0;
  int shapes = b->vm->shape_count < PINNED_NUMBERS ? b->vm->shape_count : PINNED_NUMBERS;
  memset(b->pins, 0, sizeof *b->pins * (size_t)shapes);
}

const char *lvm_push_json(lua_State *L, const char *bytes, size_t length, int shape, bool is_checked) {
  struct builder b;
  prepare(&b, L, bytes, length);
  b.scanner.is_checked = is_checked;
  if (length >= KEPT_FROM) begin_keeping(&b.kept);
  return build(&b, shape);
}

const char *lvm_push_own_json(lua_State *L, const char *bytes, size_t length, int list, int null, size_t *offset) {
  struct builder b;
  prepare(&b, L, bytes, length);
  b.is_own = true;
  b.own_list = list;
  b.own_null = null;
  const char *problem = build(&b, -1);
  *offset = (size_t)(b.scanner.cursor - bytes);
  return problem;
}
