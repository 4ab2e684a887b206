#include "CBuild.h"

#include <dlfcn.h>

// In an object file that scripts/moongate gives to the linker.
extern const char moongate_build_notes[] __attribute__((weak));

const char *cbuild_notes(void) { return moongate_build_notes; }

bool cbuild_is_loaded(const char *name) {
  void *library = dlopen(name, RTLD_LAZY | RTLD_NOLOAD);
  if (library) dlclose(library);
  return library != 0;
}
