// PCRE2 for the model's patterns. The width must be chosen before the header, which Swift cannot do.
#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
