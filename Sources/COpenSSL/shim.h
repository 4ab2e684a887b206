// What Moongate uses of OpenSSL's libcrypto: SHA-2, SHA-1, HMAC, AES-GCM, constant-time comparison, and the verification
// of signatures.

// OpenSSL 3 would have SHA256_Init and its like be replaced by what costs several times as much; see SHA256State.swift.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
