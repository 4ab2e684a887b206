// The door: the one place where Lua enters Swift and Swift's answer is carried out.
//
// "Whenever there is a longjmp, any C++ destructors or Swift releases between are skipped": so Swift answers with a
// number, and only when its frame is gone does C return, raise or yield. The two ways in are the trampoline (a script
// calls a host function) and its continuation (a parked call goes on); both pass through `enter`, and so does late.c, which
// asks for parts of the prelude.
//
//   script ── trampoline ── enter ──► Swift          starts a transfer, answers LVM_PARK
//          ◄── lua_yieldk ─────────────┘             the coroutine is parked; coroutine.c passes it outwards
//   the event loop completes the transfer; the scheduler resumes the task
//          ──► finish ──── enter ──► Swift           pushes the results
#include "internal.h"

// Enters Swift inside the host section. Nothing touches L between Swift's return and the caller's switch.
int enter(lua_State *L, lvm_phase phase, uint64_t id) {
  lvm *vm = vm_of(L);
  enter_host(vm);
  int answer = vm->call(L, vm->host, phase, id);
  leave_host(vm);
  return answer;
}

bool can_park(lua_State *L) { return lua_isyieldable(L) && !vm_of(L)->closing; }

void body_wait_in_place(lua_State *L) {
  lvm *vm = vm_of(L);
  vm->parked = false;
  set_running(vm, false);
  int answer = enter(L, LVM_WAIT, vm->operation);
  set_running(vm, true);
  if (answer == LVM_RAISE) lua_error(L);
}

void body_check_memory(lua_State *L) {
  lvm *vm = vm_of(L);
  if (vm->is_loading || !vm->limit || vm->used <= vm->limit) return;
  lua_gc(L, LUA_GCCOLLECT);
  // Asking for more than there can be raises Lua's own memory error, which no other error can be taken for.
  if (vm->used > vm->limit) lua_newuserdatauv(L, vm->limit, 0);
}

static int body_finish(lua_State *L, int status, lua_KContext operation);

// Carries out Swift's answer. Where Lua cannot yield (table.sort, gsub, __close), a call waits in place.
static int body_carry_out(lua_State *L, int answer) {
  lvm *vm = vm_of(L);
  while (answer == LVM_PARK) {
    uint64_t operation = vm->operation;
    if (can_park(L)) {
      vm->parked = true;
      return lua_yieldk(L, 0, (lua_KContext)operation, body_finish);
    }
    body_wait_in_place(L);
    answer = enter(L, LVM_FINISH, operation);
  }
  body_check_memory(L);
  if (answer == LVM_RAISE) return lua_error(L);
  if (answer == LVM_UNWIND) return body_raise_unwinding(L);
  return answer;
}

static int body_finish(lua_State *L, int status, lua_KContext operation) {
  (void)status;
  return body_carry_out(L, enter(L, LVM_FINISH, (uint64_t)operation));
}

int body_trampoline(lua_State *L) {
  uint64_t function = (uint64_t)lua_tointegerx(L, lua_upvalueindex(1), NULL);
  return body_carry_out(L, enter(L, LVM_CALL, function));
}
