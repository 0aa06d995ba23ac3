// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// Certificate chains with their keys, from PEM or DER.
#define _GNU_SOURCE
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

static int is_pem(const uint8_t *text, size_t count) {
  return count >= 11 && memmem(text, count, "-----BEGIN ", 11) != NULL;
}

// NULL when there are none; `is_broken` when one could not be read.
STACK_OF(X509) *gibbon_tls_read_certificates(const uint8_t *text, size_t count, int *is_broken) {
  *is_broken = 0;
  STACK_OF(X509) *list = sk_X509_new_null();
  if (list == NULL || count == 0 || count > 16 << 20) return list;
  if (!is_pem(text, count)) {
    const unsigned char *at = text;
    X509 *certificate = d2i_X509(NULL, &at, (long)count);
    if (certificate == NULL || sk_X509_push(list, certificate) == 0) X509_free(certificate);
    ERR_clear_error();
    return list;
  }
  BIO *memory = BIO_new_mem_buf(text, (int)count);
  ERR_clear_error();
  for (;;) {
    X509 *certificate = memory != NULL ? PEM_read_bio_X509(memory, NULL, NULL, NULL) : NULL;
    if (certificate == NULL) break;
    if (sk_X509_push(list, certificate) == 0) X509_free(certificate);
  }
  unsigned long error = ERR_peek_last_error();
  *is_broken = ERR_GET_LIB(error) != ERR_LIB_PEM || ERR_GET_REASON(error) != PEM_R_NO_START_LINE;
  ERR_clear_error();
  BIO_free(memory);
  return list;
}

// Nobody is asked for a password: that one was wanted is all we need to know.
static int on_password(char *text, int room, int is_writing, void *was_asked) {
  (void)text;
  (void)room;
  (void)is_writing;
  *(int *)was_asked = 1;
  return -1;
}

EVP_PKEY *gibbon_tls_read_key(const uint8_t *text, size_t count, int *error) {
  *error = GIBBON_TLS_NO_KEY;
  if (count == 0 || count > 1 << 20) return NULL;
  int was_asked = 0;
  EVP_PKEY *key = NULL;
  ERR_clear_error();
  if (is_pem(text, count)) {
    BIO *memory = BIO_new_mem_buf(text, (int)count);
    key = memory != NULL ? PEM_read_bio_PrivateKey(memory, NULL, on_password, &was_asked) : NULL;
    BIO_free(memory);
    if (memmem(text, count, "PRIVATE KEY-----", 16) != NULL) *error = GIBBON_TLS_BROKEN_KEY;
    if (was_asked) *error = GIBBON_TLS_ENCRYPTED_KEY;
  } else {
    const unsigned char *at = text;
    key = d2i_AutoPrivateKey(NULL, &at, (long)count);
  }
  ERR_clear_error();
  return key;
}

struct gibbon_tls_identity *gibbon_tls_identity_new(void) { return calloc(1, sizeof(struct gibbon_tls_identity)); }

static void free_pair(struct gibbon_tls_pair *pair) {
  X509_free(pair->leaf);
  EVP_PKEY_free(pair->key);
  sk_X509_pop_free(pair->chain, X509_free);
}

void gibbon_tls_identity_free(struct gibbon_tls_identity *identity) {
  if (identity == NULL) return;
  for (size_t i = 0; i < identity->count; i++) free_pair(&identity->pairs[i]);
  free(identity);
}

static int is_supported(const EVP_PKEY *key) {
  static const char *const names[] = {"RSA", "RSA-PSS", "EC", "ED25519", "ED448"};
  for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
    if (EVP_PKEY_is_a(key, names[i]) == 1) return 1;
  }
  return 0;
}

static int fits(X509 *certificate, const EVP_PKEY *key) {
  EVP_PKEY *public_key = X509_get0_pubkey(certificate);
  return public_key != NULL && EVP_PKEY_eq(public_key, key) == 1;
}

static int check_pair(const struct gibbon_tls_identity *identity, const struct gibbon_tls_pair *pair, int with_chain) {
  if (!is_supported(pair->key)) return GIBBON_TLS_UNSUPPORTED_KEY;
  if (!fits(pair->leaf, pair->key)) {
    for (int i = 0; i < sk_X509_num(pair->chain); i++) {
      if (fits(sk_X509_value(pair->chain, i), pair->key)) return GIBBON_TLS_LEAF_NOT_FIRST;
    }
    return GIBBON_TLS_KEY_MISMATCH;
  }
  for (size_t i = 0; i < identity->count; i++) {
    int kind = EVP_PKEY_get_base_id(identity->pairs[i].key);
    if (kind == EVP_PKEY_get_base_id(pair->key)) return GIBBON_TLS_SAME_KEY_TYPE;
  }
  X509 *below = pair->leaf;
  for (int i = 0; with_chain && i < sk_X509_num(pair->chain); i++) {
    X509 *above = sk_X509_value(pair->chain, i);
    if (X509_check_issued(above, below) != X509_V_OK) return GIBBON_TLS_CHAIN_ORDER;
    below = above;
  }
  return GIBBON_TLS_IDENTITY_OK;
}

int gibbon_tls_identity_add(
    struct gibbon_tls_identity *identity, const uint8_t *certificate, size_t certificate_count, const uint8_t *key,
    size_t key_count, int checks_chain) {
  if (identity->count == MAX_PAIRS) return GIBBON_TLS_OUT_OF_MEMORY;
  int is_broken = 0, error = 0;
  struct gibbon_tls_pair pair = {NULL, NULL, NULL};
  pair.chain = gibbon_tls_read_certificates(certificate, certificate_count, &is_broken);
  pair.leaf = sk_X509_shift(pair.chain);
  if (is_broken) {
    error = GIBBON_TLS_BROKEN_CERTIFICATE;
  } else if (pair.leaf == NULL) {
    error = GIBBON_TLS_NO_CERTIFICATE;
  } else {
    pair.key = gibbon_tls_read_key(key, key_count, &error);
    if (pair.key != NULL) error = check_pair(identity, &pair, checks_chain);
  }
  ERR_clear_error();
  if (error != 0) {
    free_pair(&pair);
    return error;
  }
  // Cached now, so that no handshake does it: extensions, and what the key is for.
  X509_check_purpose(pair.leaf, -1, 0);
  identity->pairs[identity->count++] = pair;
  return GIBBON_TLS_IDENTITY_OK;
}

size_t gibbon_tls_identity_count(const struct gibbon_tls_identity *identity) { return identity->count; }

struct gibbon_tls_certificate *gibbon_tls_identity_certificate(const struct gibbon_tls_identity *identity, size_t at) {
  if (at >= identity->count || X509_up_ref(identity->pairs[at].leaf) != 1) return NULL;
  return (struct gibbon_tls_certificate *)identity->pairs[at].leaf;
}

struct gibbon_tls_certificate *gibbon_tls_identity_issuer(const struct gibbon_tls_identity *identity, size_t at) {
  if (at >= identity->count) return NULL;
  X509 *above = sk_X509_value(identity->pairs[at].chain, 0);
  return above != NULL && X509_up_ref(above) == 1 ? (struct gibbon_tls_certificate *)above : NULL;
}
