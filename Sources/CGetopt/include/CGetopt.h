// CGetopt: what glibc offers for a command line and Swift leaves out: its words, and getopt_long with its global variables.
#ifndef CGETOPT_H
#define CGETOPT_H
#include <getopt.h>

// The words that the program was started with, the first its own name. Swift's CommandLine searches the process's stack
// for them, and found none below libfaketime: `moongate --version` then took its script from standard input. (Its search
// is made at every start, whoever asks for the words.)
int cgetopt_word_count(void);
const char *_Nonnull cgetopt_word(int index);

// Makes getopt_long begin anew with the first word, and keep its messages to itself.
static inline void cgetopt_options_begin(void) { optind = 0, opterr = 0; }

// The option that was found last: its argument, or null; and the index of the word to be read next.
static inline const char *_Nullable cgetopt_option_argument(void) { return optarg; }
static inline int cgetopt_option_index(void) { return optind; }
#endif
