// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// What the sessions of one listener, or of one kind of upstream, share.
#include <openssl/core_names.h>
#include <openssl/pem.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

// RFC 6066, section 3: a server that used the name says so. It was used when the ClientHello came.
static int on_server_name(SSL *ssl, int *alert, void *unused) {
  (void)alert;
  (void)unused;
  struct gibbon_tls_session *session = gibbon_tls_of(ssl);
  return session != NULL && session->server_name != NULL ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

// The response was set with the choice.
static int on_status(SSL *ssl, void *unused) {
  (void)unused;
  const unsigned char *response;
  return SSL_get_tlsext_status_ocsp_resp(ssl, &response) > 0 ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

struct gibbon_tls_context *gibbon_tls_context_new(int is_server) {
  struct gibbon_tls_context *context = calloc(1, sizeof *context);
  if (context == NULL) return NULL;
  context->is_server = is_server;
  SSL_CTX *ssl = context->ssl = SSL_CTX_new(is_server ? TLS_server_method() : TLS_client_method());
  if (ssl == NULL) {
    free(context);
    return NULL;
  }
  SSL_CTX_set_app_data(ssl, context);
  SSL_CTX_set_mode(
      ssl, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER | SSL_MODE_RELEASE_BUFFERS |
               SSL_MODE_NO_AUTO_CHAIN);
  SSL_CTX_set_options(ssl, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  SSL_CTX_clear_options(ssl, SSL_OP_IGNORE_UNEXPECTED_EOF | SSL_OP_ALLOW_UNSAFE_LEGACY_RENEGOTIATION);
  SSL_CTX_set_read_ahead(ssl, 1);
  SSL_CTX_set_max_early_data(ssl, 0);
  SSL_CTX_set_recv_max_early_data(ssl, 0);
  if (is_server) {
    SSL_CTX_set_num_tickets(ssl, 1);
    SSL_CTX_set_client_hello_cb(ssl, gibbon_tls_on_hello, NULL);
    SSL_CTX_set_cert_cb(ssl, gibbon_tls_on_certificate, NULL);
    SSL_CTX_set_tlsext_servername_callback(ssl, on_server_name);
    SSL_CTX_set_tlsext_status_cb(ssl, on_status);
    SSL_CTX_set_alpn_select_cb(ssl, gibbon_tls_on_alpn, NULL);
  } else {
    SSL_CTX_set_session_cache_mode(ssl, SSL_SESS_CACHE_CLIENT | SSL_SESS_CACHE_NO_INTERNAL);
    SSL_CTX_sess_set_new_cb(ssl, gibbon_tls_on_new_session);
  }
  return context;
}

void gibbon_tls_context_free(struct gibbon_tls_context *context) {
  if (context == NULL) return;
  SSL_CTX_free(context->ssl);
  free(context->alpn);
  free(context->scope);
  free(context);
}

int gibbon_tls_context_protocols(struct gibbon_tls_context *context, uint32_t bits) {
  static const int versions[] = {TLS1_VERSION, TLS1_1_VERSION, TLS1_2_VERSION, TLS1_3_VERSION};
  static const uint64_t off[] = {SSL_OP_NO_TLSv1, SSL_OP_NO_TLSv1_1, SSL_OP_NO_TLSv1_2, SSL_OP_NO_TLSv1_3};
  int lowest = -1, highest = -1;
  for (int i = 0; i < 4; i++) {
    if ((bits >> i & 1) == 0) continue;
    if (lowest < 0) lowest = i;
    highest = i;
  }
  if (lowest < 0) return 0;
  for (int i = 0; i < 4; i++) {
    if ((bits >> i & 1) == 0) {
      SSL_CTX_set_options(context->ssl, off[i]);
    } else {
      SSL_CTX_clear_options(context->ssl, off[i]);
    }
  }
  return SSL_CTX_set_min_proto_version(context->ssl, versions[lowest]) == 1 &&
         SSL_CTX_set_max_proto_version(context->ssl, versions[highest]) == 1;
}

int gibbon_tls_context_ciphers(struct gibbon_tls_context *context, const char *list) {
  return SSL_CTX_set_cipher_list(context->ssl, list) == 1;
}

int gibbon_tls_context_suites(struct gibbon_tls_context *context, const char *list) {
  return SSL_CTX_set_ciphersuites(context->ssl, list) == 1;
}

int gibbon_tls_context_groups(struct gibbon_tls_context *context, const char *list) {
  return SSL_CTX_set1_groups_list(context->ssl, list) == 1;
}

static int use_dh(struct gibbon_tls_context *context, EVP_PKEY *parameters) {
  if (parameters == NULL) return 0;
  if (EVP_PKEY_is_a(parameters, "DH") != 1 || SSL_CTX_set0_tmp_dh_pkey(context->ssl, parameters) != 1) {
    EVP_PKEY_free(parameters);
    return 0;
  }
  return 1;
}

int gibbon_tls_context_dh_group(struct gibbon_tls_context *context, const char *name) {
  EVP_PKEY *parameters = NULL;
  EVP_PKEY_CTX *maker = EVP_PKEY_CTX_new_from_name(NULL, "DH", NULL);
  OSSL_PARAM settings[] = {
      OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, (char *)name, 0), OSSL_PARAM_construct_end()};
  if (maker != NULL && EVP_PKEY_paramgen_init(maker) == 1 && EVP_PKEY_CTX_set_params(maker, settings) == 1) {
    if (EVP_PKEY_paramgen(maker, &parameters) != 1) parameters = NULL;
  }
  EVP_PKEY_CTX_free(maker);
  return use_dh(context, parameters);
}

int gibbon_tls_context_dh_pem(struct gibbon_tls_context *context, const uint8_t *text, size_t count) {
  BIO *memory = BIO_new_mem_buf(text, (int)count);
  if (memory == NULL) return 0;
  EVP_PKEY *parameters = PEM_read_bio_Parameters(memory, NULL);
  BIO_free(memory);
  return use_dh(context, parameters);
}

void gibbon_tls_context_security_level(struct gibbon_tls_context *context, int level) {
  SSL_CTX_set_security_level(context->ssl, level);
}

void gibbon_tls_context_prefer_server_ciphers(struct gibbon_tls_context *context) {
  SSL_CTX_set_options(context->ssl, SSL_OP_CIPHER_SERVER_PREFERENCE);
}

void gibbon_tls_context_sessions(
    struct gibbon_tls_context *context, struct gibbon_tls_tickets *tickets, long timeout_s, long cache) {
  SSL_CTX_set_timeout(context->ssl, timeout_s);
  context->tickets = tickets;
  if (tickets != NULL) {
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_tlsext_ticket_key_evp_cb(context->ssl, gibbon_tls_on_ticket);
    return;
  }
  SSL_CTX_set_options(context->ssl, SSL_OP_NO_TICKET);
  if (cache > 0) {
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_SERVER);
    SSL_CTX_sess_set_cache_size(context->ssl, cache);
  } else {
    SSL_CTX_set_session_cache_mode(context->ssl, SSL_SESS_CACHE_OFF);
    SSL_CTX_set_num_tickets(context->ssl, 0);
  }
}

static int replace(uint8_t **place, size_t *place_count, const uint8_t *bytes, size_t count) {
  uint8_t *copy = NULL;
  if (count > 0) {
    copy = malloc(count);
    if (copy == NULL) return 0;
    memcpy(copy, bytes, count);
  }
  free(*place);
  *place = copy;
  *place_count = count;
  return 1;
}

int gibbon_tls_context_scope(struct gibbon_tls_context *context, const uint8_t *scope, size_t count) {
  return replace(&context->scope, &context->scope_count, scope, count);
}

int gibbon_tls_context_alpn(struct gibbon_tls_context *context, const uint8_t *wire, size_t count) {
  if (!replace(&context->alpn, &context->alpn_count, wire, count)) return 0;
  // This one function says 0 for success.
  return context->is_server || count == 0 || SSL_CTX_set_alpn_protos(context->ssl, wire, (unsigned)count) == 0;
}

void gibbon_tls_context_verify(struct gibbon_tls_context *context, int on, int depth) {
  SSL_CTX_set_verify(context->ssl, on ? SSL_VERIFY_PEER : SSL_VERIFY_NONE, on ? gibbon_tls_on_verify_server : NULL);
  SSL_CTX_set_verify_depth(context->ssl, depth);
}

int gibbon_tls_context_trust(struct gibbon_tls_context *context, struct gibbon_tls_trust *trust) {
  SSL_CTX_set1_cert_store(context->ssl, trust->store);
  return 1;
}

int gibbon_tls_context_identity(struct gibbon_tls_context *context, struct gibbon_tls_identity *identity) {
  for (size_t i = 0; i < identity->count; i++) {
    struct gibbon_tls_pair *pair = &identity->pairs[i];
    if (SSL_CTX_use_cert_and_key(context->ssl, pair->leaf, pair->key, pair->chain, 1) != 1) return 0;
  }
  return 1;
}
