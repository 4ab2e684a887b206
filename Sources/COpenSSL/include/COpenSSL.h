// COpenSSL: OpenSSL's libcrypto without linking it.
//
// A start needs no cryptography, and linking libcrypto.so.3 costs one 2.2 million instructions. So nothing here refers to
// a symbol of OpenSSL: `copenssl` opens the shared library at its first call and fills one table of functions, which the
// headers give the types of. It is the library that libcurl brings along, by the same name: a process has one OpenSSL,
// and what the system mends in it reaches this program.
//
//   unsafe openSSL.SHA512(bytes, count, &digest)      Swift, by AWSCore's OpenSSL.swift
#ifndef COPENSSL_H
#define COPENSSL_H
// SHA256_Init and its like are deprecated for going round the providers, which is what makes them fast; they stay in
// OpenSSL 3 as long as there is a libcrypto.so.3.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <openssl/x509.h>

// Each function of libcrypto that this program calls, once.
#define COPENSSL_FUNCTIONS(X)                                                                      \
  X(OpenSSL_version)                                                                               \
  X(ERR_clear_error)                                                                               \
  X(CRYPTO_memcmp)                                                                                 \
  X(SHA1)                                                                                          \
  X(SHA256_Init)                                                                                   \
  X(SHA256_Update)                                                                                 \
  X(SHA256_Final)                                                                                  \
  X(SHA512)                                                                                        \
  X(EVP_sha256)                                                                                    \
  X(EVP_sha384)                                                                                    \
  X(EVP_sha512)                                                                                    \
  X(EVP_aes_256_gcm)                                                                               \
  X(EVP_CIPHER_CTX_new)                                                                            \
  X(EVP_CIPHER_CTX_free)                                                                           \
  X(EVP_CIPHER_CTX_ctrl)                                                                           \
  X(EVP_CipherInit_ex)                                                                             \
  X(EVP_CipherUpdate)                                                                              \
  X(EVP_CipherFinal_ex)                                                                            \
  X(EVP_MD_CTX_new)                                                                                \
  X(EVP_MD_CTX_free)                                                                               \
  X(EVP_DigestVerifyInit)                                                                          \
  X(EVP_DigestVerify)                                                                              \
  X(EVP_PKEY_new_raw_public_key)                                                                   \
  X(EVP_PKEY_free)                                                                                 \
  X(d2i_PUBKEY)

#define COPENSSL_MEMBER(name) __typeof__(name) *_Nonnull name;
typedef struct {
  COPENSSL_FUNCTIONS(COPENSSL_MEMBER)
} copenssl_functions;

// Opens libcrypto, once, from whichever thread is first. NULL when it is ready, otherwise why it is not; the text stays.
const char *_Nullable copenssl_open(void);

// The functions of libcrypto, opened if they are not. Without them nothing that asked can go on, and no wrong answer may
// stand in: then the process ends with a message and 255, as a program does whose libraries are missing.
const copenssl_functions *_Nonnull copenssl(void);

#endif
