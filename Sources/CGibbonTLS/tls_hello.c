// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// A server's choice. It is made when the ClientHello is there and before a session is resumed, so that a name that
// asks for a client certificate cannot be reached with a session of another.
#include <openssl/sha.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

// RFC 6066, section 3: a list of one name of type 0. 0 when it is malformed.
static int read_server_name(struct gibbon_tls_session *session, const unsigned char *bytes, size_t count) {
  if (count < 5 || (size_t)(bytes[0] << 8 | bytes[1]) != count - 2 || bytes[2] != 0) return 0;
  size_t length = (size_t)(bytes[3] << 8 | bytes[4]);
  if (length == 0 || length > 255 || length > count - 5) return 0;
  const unsigned char *name = bytes + 5;
  if (memchr(name, 0, length) != NULL) return 0;
  if (length > 1 && name[length - 1] == '.') length--;
  char *copy = malloc(length + 1);
  if (copy == NULL) return 0;
  for (size_t i = 0; i < length; i++) copy[i] = name[i] >= 'A' && name[i] <= 'Z' ? name[i] + 32 : name[i];
  copy[length] = 0;
  free(session->server_name);
  session->server_name = copy;
  return 1;
}

static int read_hello(struct gibbon_tls_session *session) {
  const unsigned char *bytes;
  size_t count;
  if (SSL_client_hello_get0_ext(session->ssl, TLSEXT_TYPE_server_name, &bytes, &count) == 1) {
    if (!read_server_name(session, bytes, count)) return 0;
  }
  const unsigned int alpn = TLSEXT_TYPE_application_layer_protocol_negotiation;
  if (SSL_client_hello_get0_ext(session->ssl, alpn, &bytes, &count) == 1 && count > 2) {
    uint8_t *copy = malloc(count - 2);
    if (copy == NULL) return 0;
    memcpy(copy, bytes + 2, count - 2);
    free(session->offered);
    session->offered = copy;
    session->offered_count = count - 2;
  }
  session->has_hello = 1;
  return 1;
}

int gibbon_tls_on_hello(SSL *ssl, int *alert, void *unused) {
  (void)unused;
  struct gibbon_tls_session *session = gibbon_tls_of(ssl);
  if (session == NULL) return SSL_CLIENT_HELLO_ERROR;
  if (!session->has_hello && !read_hello(session)) {
    *alert = SSL_AD_DECODE_ERROR;
    return SSL_CLIENT_HELLO_ERROR;
  }
  switch (session->choice) {
    case CHOICE_MADE: return SSL_CLIENT_HELLO_SUCCESS;
    case CHOICE_REFUSED: *alert = SSL_AD_UNRECOGNIZED_NAME; return SSL_CLIENT_HELLO_ERROR;
    default: return SSL_CLIENT_HELLO_RETRY;
  }
}

// Only for full handshakes: a resumed one needs no certificate.
int gibbon_tls_on_certificate(SSL *ssl, void *unused) {
  (void)unused;
  struct gibbon_tls_session *session = gibbon_tls_of(ssl);
  if (session == NULL || session->identity == NULL) return 0;
  for (size_t i = 0; i < session->identity->count; i++) {
    struct gibbon_tls_pair *pair = &session->identity->pairs[i];
    if (SSL_use_cert_and_key(ssl, pair->leaf, pair->key, pair->chain, 1) != 1) return 0;
  }
  return 1;
}

// nginx since 1.21.4: a client that offers protocols of which none is known is refused (RFC 7301, section 3.2).
int gibbon_tls_on_alpn(
    SSL *ssl, const unsigned char **out, unsigned char *count, const unsigned char *in, unsigned int in_count,
    void *unused) {
  (void)unused;
  struct gibbon_tls_session *session = gibbon_tls_of(ssl);
  if (session == NULL) return SSL_TLSEXT_ERR_NOACK;
  const uint8_t *known = session->alpn != NULL ? session->alpn : session->context->alpn;
  size_t known_count = session->alpn != NULL ? session->alpn_count : session->context->alpn_count;
  if (known_count == 0) return SSL_TLSEXT_ERR_NOACK;
  unsigned char *chosen;
  int result = SSL_select_next_proto(&chosen, count, known, (unsigned)known_count, in, in_count);
  if (result != OPENSSL_NPN_NEGOTIATED) return SSL_TLSEXT_ERR_ALERT_FATAL;
  // `chosen` points into `known`, which may go with the choice, or into `in`.
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

struct gibbon_tls_bytes gibbon_tls_hello_server_name(const struct gibbon_tls_session *session) {
  if (session->server_name == NULL) return (struct gibbon_tls_bytes){NULL, 0};
  return gibbon_tls_copy(session->server_name, strlen(session->server_name));
}

struct gibbon_tls_bytes gibbon_tls_hello_alpn(const struct gibbon_tls_session *session) {
  return gibbon_tls_copy(session->offered, session->offered_count);
}

// Sessions are resumed under the rules and the name they began with, and nowhere else.
static int set_session_scope(struct gibbon_tls_session *session, const struct gibbon_tls_authority *authority) {
  uint8_t text[32 + 64 + 256], digest[SHA256_DIGEST_LENGTH];
  size_t count = 0;
  memset(text, 0, sizeof text);
  if (authority != NULL) memcpy(text, authority->id, 32);
  count += 32;
  size_t scope = session->context->scope_count < 63 ? session->context->scope_count : 63;
  if (scope > 0) memcpy(text + count, session->context->scope, scope);
  text[count + 63] = (uint8_t)scope;
  count += 64;
  size_t name = session->server_name != NULL ? strlen(session->server_name) : 0;
  if (name > 0) memcpy(text + count, session->server_name, name);
  count += name;
  SHA256(text, count, digest);
  return SSL_set_session_id_context(session->ssl, digest, sizeof digest) == 1;
}

static int ask_for_certificate(struct gibbon_tls_session *session, struct gibbon_tls_authority *authority) {
  SSL *ssl = session->ssl;
  SSL_set_verify(ssl, SSL_VERIFY_PEER, gibbon_tls_on_verify_client);
  SSL_set_verify_depth(ssl, authority->depth);
  if (SSL_set1_verify_cert_store(ssl, authority->store) != 1) return 0;
  if (authority->names == NULL) return 1;
  STACK_OF(X509_NAME) *names = SSL_dup_CA_list(authority->names);
  if (names == NULL) return 0;
  SSL_set_client_CA_list(ssl, names);
  return 1;
}

int gibbon_tls_choose(
    struct gibbon_tls_session *session, struct gibbon_tls_identity *identity,
    struct gibbon_tls_authority *authority, const uint8_t *alpn, size_t alpn_count) {
  if (alpn_count > 0) {
    uint8_t *copy = malloc(alpn_count);
    if (copy == NULL) return 0;
    memcpy(copy, alpn, alpn_count);
    free(session->alpn);
    session->alpn = copy;
    session->alpn_count = alpn_count;
  }
  if (!set_session_scope(session, authority)) return 0;
  if (authority != NULL && authority->mode != 0 && !ask_for_certificate(session, authority)) return 0;
  session->identity = identity;
  session->choice = CHOICE_MADE;
  return 1;
}

int gibbon_tls_staple(struct gibbon_tls_session *session, const uint8_t *response, size_t count) {
  if (count == 0) return 0;
  uint8_t *copy = OPENSSL_memdup(response, count);
  if (copy == NULL) return 0;
  // OpenSSL owns the copy now, and sends it only to a client that asked for it.
  return SSL_set_tlsext_status_ocsp_resp(session->ssl, copy, (long)count) == 1;
}

void gibbon_tls_refuse(struct gibbon_tls_session *session) { session->choice = CHOICE_REFUSED; }
