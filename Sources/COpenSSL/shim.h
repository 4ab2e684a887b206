// What AWSCore uses of OpenSSL's libcrypto: SHA-256, SHA-1, HMAC and constant-time comparison.
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
