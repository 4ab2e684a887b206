// Files for scripts: objects of Lua's own io library around a descriptor that Swift opened, so that what may be opened is
// decided there, and reading and writing is Lua's. Their metatable is locked: a script could set a finalizer in it.
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "internal.h"

// Begins with what Lua's library knows of a file.
struct file {
  luaL_Stream stream;
  pid_t child;  // the process at the other end; 0 for a file
};

static int body_close_file(lua_State *L) {
  struct file *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  return luaL_fileresult(L, fclose(file->stream.f) == 0, NULL);
}

// Waits for the process, as io.popen's files do. Ctrl-C ends one that goes on.
static int body_close_process(lua_State *L) {
  struct file *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  fclose(file->stream.f);
  int status = 0;
  while (waitpid(file->child, &status, 0) < 0 && errno == EINTR)
    if (is_unwinding(vm_of(L))) kill(file->child, SIGKILL);
  errno = 0;  // of which luaL_execresult thinks that it speaks of waitpid
  return luaL_execresult(L, status);
}

// Host section.
bool lvm_push_file(lua_State *L, int descriptor, const char *mode, int child) {
  FILE *stream = fdopen(descriptor, mode);
  if (!stream) return false;
  struct file *file = lua_newuserdatauv(L, sizeof *file, 0);
  file->stream.f = stream;
  file->stream.closef = child ? body_close_process : body_close_file;
  file->child = child;
  lua_pushlstring(L, LUA_FILEHANDLE, sizeof LUA_FILEHANDLE - 1);
  lua_rawget(L, LUA_REGISTRYINDEX);
  lua_pushboolean(L, 0);
  lvm_set_field(L, -2, "__metatable", 11);
  lua_setmetatable(L, -2);
  return true;
}
