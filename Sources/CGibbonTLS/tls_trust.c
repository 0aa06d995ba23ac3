// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// Certificate authorities: those a client trusts, and those a server asks certificates of.
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

struct gibbon_tls_trust *gibbon_tls_trust_new(void) {
  struct gibbon_tls_trust *trust = calloc(1, sizeof *trust);
  if (trust == NULL) return NULL;
  trust->store = X509_STORE_new();
  trust->certificates = sk_X509_new_null();
  if (trust->store == NULL || trust->certificates == NULL) {
    gibbon_tls_trust_free(trust);
    return NULL;
  }
  return trust;
}

void gibbon_tls_trust_free(struct gibbon_tls_trust *trust) {
  if (trust == NULL) return;
  X509_STORE_free(trust->store);
  sk_X509_pop_free(trust->certificates, X509_free);
  free(trust);
}

long gibbon_tls_trust_add(struct gibbon_tls_trust *trust, const uint8_t *text, size_t count) {
  int is_broken = 0;
  long taken = 0;
  STACK_OF(X509) *list = gibbon_tls_read_certificates(text, count, &is_broken);
  X509 *certificate;
  while ((certificate = sk_X509_shift(list)) != NULL) {
    if (X509_STORE_add_cert(trust->store, certificate) == 1 && sk_X509_push(trust->certificates, certificate) > 0) {
      taken++;
    } else {
      X509_free(certificate);
    }
  }
  sk_X509_free(list);
  ERR_clear_error();
  return is_broken ? -1 : taken;
}

int gibbon_tls_trust_add_file(struct gibbon_tls_trust *trust, const char *path) {
  int result = X509_STORE_load_file(trust->store, path);
  ERR_clear_error();
  return result == 1;
}

// What a session began under: the authorities and the rules. Another set is another id.
static int identify(struct gibbon_tls_authority *authority, STACK_OF(X509) *certificates) {
  size_t count = 8 + 32 * (size_t)sk_X509_num(certificates);
  uint8_t *text = calloc(1, count);
  if (text == NULL) return 0;
  text[0] = (uint8_t)authority->mode;
  memcpy(text + 4, &authority->depth, 4);
  for (int i = 0; i < sk_X509_num(certificates); i++) {
    unsigned length = 0;
    uint8_t digest[EVP_MAX_MD_SIZE];
    if (X509_digest(sk_X509_value(certificates, i), EVP_sha256(), digest, &length) == 1 && length == 32) {
      memcpy(text + 8 + 32 * (size_t)i, digest, 32);
    }
  }
  SHA256(text, count, authority->id);
  free(text);
  return 1;
}

struct gibbon_tls_authority *gibbon_tls_authority_new(
    struct gibbon_tls_trust *trust, int mode, int depth, int sends_names) {
  struct gibbon_tls_authority *authority = calloc(1, sizeof *authority);
  if (authority == NULL) return NULL;
  authority->mode = mode;
  authority->depth = depth;
  if (X509_STORE_up_ref(trust->store) == 1) authority->store = trust->store;
  if (sends_names) authority->names = sk_X509_NAME_new_null();
  for (int i = 0; authority->names != NULL && i < sk_X509_num(trust->certificates); i++) {
    X509_NAME *name = X509_NAME_dup(X509_get_subject_name(sk_X509_value(trust->certificates, i)));
    if (name != NULL && sk_X509_NAME_push(authority->names, name) <= 0) X509_NAME_free(name);
  }
  if (authority->store == NULL || !identify(authority, trust->certificates)) {
    gibbon_tls_authority_free(authority);
    return NULL;
  }
  return authority;
}

void gibbon_tls_authority_free(struct gibbon_tls_authority *authority) {
  if (authority == NULL) return;
  X509_STORE_free(authority->store);
  sk_X509_NAME_pop_free(authority->names, X509_NAME_free);
  free(authority);
}
