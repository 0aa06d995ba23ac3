// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// What a handshake came to.
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

void gibbon_tls_bytes_free(struct gibbon_tls_bytes bytes) { free(bytes.bytes); }

struct gibbon_tls_bytes gibbon_tls_copy(const void *bytes, size_t count) {
  struct gibbon_tls_bytes copy = {NULL, 0};
  if (count == 0 || bytes == NULL) return copy;
  copy.bytes = malloc(count);
  if (copy.bytes == NULL) return copy;
  memcpy(copy.bytes, bytes, count);
  copy.count = count;
  return copy;
}

struct gibbon_tls_bytes gibbon_tls_drain(BIO *memory) {
  char *text = NULL;
  long count = memory != NULL ? BIO_get_mem_data(memory, &text) : 0;
  struct gibbon_tls_bytes copy = gibbon_tls_copy(text, count > 0 ? (size_t)count : 0);
  BIO_free(memory);
  return copy;
}

const char *gibbon_tls_version(const struct gibbon_tls_session *session) { return SSL_get_version(session->ssl); }

const char *gibbon_tls_cipher(const struct gibbon_tls_session *session) { return SSL_get_cipher_name(session->ssl); }

struct gibbon_tls_bytes gibbon_tls_alpn(const struct gibbon_tls_session *session) {
  const unsigned char *name = NULL;
  unsigned count = 0;
  SSL_get0_alpn_selected(session->ssl, &name, &count);
  return gibbon_tls_copy(name, count);
}

int gibbon_tls_is_resumed(const struct gibbon_tls_session *session) { return SSL_session_reused(session->ssl) == 1; }

long gibbon_tls_verify_result(const struct gibbon_tls_session *session) { return SSL_get_verify_result(session->ssl); }

struct gibbon_tls_certificate *gibbon_tls_peer(const struct gibbon_tls_session *session) {
  return (struct gibbon_tls_certificate *)SSL_get1_peer_certificate(session->ssl);
}

// On the server's side OpenSSL's list is without the peer's own certificate.
struct gibbon_tls_bytes gibbon_tls_peer_chain_pem(const struct gibbon_tls_session *session) {
  X509 *leaf = SSL_get0_peer_certificate(session->ssl);
  BIO *memory = leaf != NULL ? BIO_new(BIO_s_mem()) : NULL;
  if (memory == NULL) return (struct gibbon_tls_bytes){NULL, 0};
  PEM_write_bio_X509(memory, leaf);
  STACK_OF(X509) *chain = SSL_get_peer_cert_chain(session->ssl);
  for (int i = 0; i < sk_X509_num(chain); i++) {
    X509 *certificate = sk_X509_value(chain, i);
    if (i == 0 && X509_cmp(certificate, leaf) == 0) continue;
    PEM_write_bio_X509(memory, certificate);
  }
  return gibbon_tls_drain(memory);
}
