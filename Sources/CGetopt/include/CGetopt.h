// CGetopt: what glibc offers and Swift's Glibc module leaves out: getopt_long with its global variables.
#ifndef CGETOPT_H
#define CGETOPT_H
#include <getopt.h>

// Makes getopt_long begin anew with the first word, and keep its messages to itself.
static inline void cgetopt_options_begin(void) { optind = 0, opterr = 0; }

// The option that was found last: its argument, or null; and the index of the word to be read next.
static inline const char *_Nullable cgetopt_option_argument(void) { return optarg; }
static inline int cgetopt_option_index(void) { return optind; }
#endif
