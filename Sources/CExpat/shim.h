// What AWSCore uses of expat: the XML answers of AWS STS.
#include <expat.h>
