// The table behind COpenSSL.h: libcrypto's functions as dlopen found them.
#include "COpenSSL.h"

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

static copenssl_functions functions;
static pthread_once_t once = PTHREAD_ONCE_INIT;
static char problem[512];

static void fail(const char *reason) {
  snprintf(problem, sizeof problem,
           "OpenSSL's libcrypto cannot be opened (%s); Debian and Ubuntu have it in the package libssl3",
           reason ? reason : "unknown reason");
}

#define LOAD(name)                                                                                 \
  if (!(functions.name = (__typeof__(name) *)dlsym(library, #name))) {                             \
    fail(dlerror());                                                                               \
    return;                                                                                        \
  }

static void open_once(void) {
  void *library = dlopen("libcrypto.so.3", RTLD_NOW | RTLD_LOCAL);
  if (!library) {
    fail(dlerror());
    return;
  }
  COPENSSL_FUNCTIONS(LOAD)
}

const char *copenssl_open(void) {
  pthread_once(&once, open_once);
  return problem[0] ? problem : NULL;
}

const copenssl_functions *copenssl(void) {
  if (copenssl_open()) {
    fflush(stdout);
    fprintf(stderr, "moongate: %s\n", problem);
    _exit(255);
  }
  return &functions;
}
