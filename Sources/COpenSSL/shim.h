// What Moongate uses of OpenSSL's libcrypto: SHA-2, SHA-1, HMAC, AES-GCM, constant-time comparison, and the verification
// of signatures.
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
