#include "CGetopt.h"

static char **words;
static int count;

// glibc hands a constructor what it hands to main.
__attribute__((constructor)) static void keep_words(int given_count, char **given, char **environment) {
  (void)environment;
  count = given_count, words = given;
}

int cgetopt_word_count(void) { return count; }
const char *cgetopt_word(int index) { return words[index]; }
