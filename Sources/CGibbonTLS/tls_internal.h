// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// The structs behind the pointers of gibbon_tls.h.
#ifndef GIBBON_TLS_INTERNAL_H
#define GIBBON_TLS_INTERNAL_H

#include <openssl/ssl.h>

#include "gibbon_tls.h"

#define MAX_PAIRS 4

struct gibbon_tls_pair {
  X509 *leaf;
  EVP_PKEY *key;
  STACK_OF(X509) *chain;  // without the leaf
};

struct gibbon_tls_identity {
  size_t count;
  struct gibbon_tls_pair pairs[MAX_PAIRS];
};

struct gibbon_tls_trust {
  X509_STORE *store;
  STACK_OF(X509) *certificates;  // those given as texts
};

struct gibbon_tls_authority {
  X509_STORE *store;
  STACK_OF(X509_NAME) *names;  // NULL when none are sent
  int mode, depth;
  uint8_t id[32];  // the same for the same rules, and only for them
};

struct gibbon_tls_context {
  SSL_CTX *ssl;
  struct gibbon_tls_tickets *tickets;
  uint8_t *alpn, *scope;
  size_t alpn_count, scope_count;
  int is_server;
};

enum { CHOICE_NONE, CHOICE_MADE, CHOICE_REFUSED };

struct gibbon_tls_session {
  SSL *ssl;
  struct gibbon_tls_context *context;
  int descriptor;

  // The transport: what was read before, and how the last call of the socket ended.
  uint8_t *early;
  size_t early_count, early_used;
  int socket_error;
  uint8_t first[8];  // the first bytes that came
  uint8_t first_count;
  unsigned is_cut : 1, is_drained : 1, is_waiting : 1, is_failed : 1, is_ready : 1, has_hello : 1, choice : 2;
  int answer;     // what reading and writing answer once it has failed
  size_t unsent;  // bytes of a record that waits for the socket

  // A server's choice, until the handshake is over.
  struct gibbon_tls_identity *identity;
  uint8_t *alpn;
  size_t alpn_count;
  char *server_name;
  uint8_t *offered;
  size_t offered_count;

  SSL_SESSION *resumption;
  struct gibbon_tls_failure *failure;
};

struct gibbon_tls_session *gibbon_tls_of(const SSL *ssl);
BIO *gibbon_tls_bio_new(struct gibbon_tls_session *session);
int gibbon_tls_on_hello(SSL *ssl, int *alert, void *unused);
int gibbon_tls_on_certificate(SSL *ssl, void *unused);
int gibbon_tls_on_alpn(
    SSL *ssl, const unsigned char **out, unsigned char *count, const unsigned char *in, unsigned int in_count,
    void *unused);
int gibbon_tls_on_new_session(SSL *ssl, SSL_SESSION *resumption);
int gibbon_tls_on_ticket(
    SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_new);
int gibbon_tls_on_verify_client(int is_good, X509_STORE_CTX *store);
int gibbon_tls_on_verify_server(int is_good, X509_STORE_CTX *store);
void gibbon_tls_fail(struct gibbon_tls_session *session, int ssl_error);
struct gibbon_tls_bytes gibbon_tls_copy(const void *bytes, size_t count);
struct gibbon_tls_bytes gibbon_tls_drain(BIO *memory);  // frees it
STACK_OF(X509) *gibbon_tls_read_certificates(const uint8_t *text, size_t count, int *is_broken);
EVP_PKEY *gibbon_tls_read_key(const uint8_t *text, size_t count, int *error);
#endif
