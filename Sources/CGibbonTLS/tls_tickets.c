// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// The keys of session tickets (RFC 5077, section 4): AES-256-CBC and HMAC-SHA256. The newest seals; older ones open
// until they are too old, and what they opened is sealed anew.
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/rand.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

#define MAX_KEYS 16

struct ticket_key {
  uint8_t name[16], cipher[32], mac[32];
  uint64_t made_s;
};

struct gibbon_tls_tickets {
  pthread_mutex_t lock;
  uint64_t rotation_s, lifetime_s;
  size_t count;
  struct ticket_key keys[MAX_KEYS];  // the newest first
  EVP_CIPHER *cipher;
};

static int add_key(struct gibbon_tls_tickets *tickets, uint64_t now_s) {
  struct ticket_key key;
  memset(&key, 0, sizeof key);
  key.made_s = now_s;
  if (RAND_bytes(key.name, sizeof key.name) != 1 || RAND_priv_bytes(key.cipher, sizeof key.cipher) != 1 ||
      RAND_priv_bytes(key.mac, sizeof key.mac) != 1) {
    return 0;
  }
  size_t kept = tickets->count < MAX_KEYS ? tickets->count : MAX_KEYS - 1;
  memmove(tickets->keys + 1, tickets->keys, kept * sizeof key);
  tickets->keys[0] = key;
  tickets->count = kept + 1;
  OPENSSL_cleanse(&key, sizeof key);
  return 1;
}

struct gibbon_tls_tickets *gibbon_tls_tickets_new(uint64_t now_s, uint64_t rotation_s, uint64_t lifetime_s) {
  struct gibbon_tls_tickets *tickets = calloc(1, sizeof *tickets);
  if (tickets == NULL) return NULL;
  pthread_mutex_init(&tickets->lock, NULL);
  tickets->rotation_s = rotation_s;
  tickets->lifetime_s = lifetime_s;
  tickets->cipher = EVP_CIPHER_fetch(NULL, "AES-256-CBC", NULL);
  if (tickets->cipher == NULL || !add_key(tickets, now_s)) {
    gibbon_tls_tickets_free(tickets);
    return NULL;
  }
  return tickets;
}

void gibbon_tls_tickets_free(struct gibbon_tls_tickets *tickets) {
  if (tickets == NULL) return;
  EVP_CIPHER_free(tickets->cipher);
  pthread_mutex_destroy(&tickets->lock);
  OPENSSL_cleanse(tickets->keys, sizeof tickets->keys);
  free(tickets);
}

int gibbon_tls_tickets_advance(struct gibbon_tls_tickets *tickets, uint64_t now_s) {
  pthread_mutex_lock(&tickets->lock);
  int made = 0;
  if (now_s >= tickets->keys[0].made_s + tickets->rotation_s) made = add_key(tickets, now_s);
  // The one that seals stays, whatever the clock says. An old one sealed until the one after it was made.
  while (tickets->count > 1 && now_s >= tickets->keys[tickets->count - 2].made_s + tickets->lifetime_s) {
    tickets->count--;
    OPENSSL_cleanse(&tickets->keys[tickets->count], sizeof(struct ticket_key));
  }
  pthread_mutex_unlock(&tickets->lock);
  return made;
}

size_t gibbon_tls_tickets_count(struct gibbon_tls_tickets *tickets) {
  pthread_mutex_lock(&tickets->lock);
  size_t count = tickets->count;
  pthread_mutex_unlock(&tickets->lock);
  return count;
}

// 1 when found; 2 when it is not the newest.
static int find_key(struct gibbon_tls_tickets *tickets, const unsigned char *name, struct ticket_key *found) {
  int result = 0;
  pthread_mutex_lock(&tickets->lock);
  for (size_t i = 0; i < tickets->count && result == 0; i++) {
    if (name != NULL && memcmp(tickets->keys[i].name, name, 16) != 0) continue;
    *found = tickets->keys[i];
    result = i == 0 ? 1 : 2;
  }
  pthread_mutex_unlock(&tickets->lock);
  return result;
}

// OpenSSL's contract: -1 error, 0 no such key (a full handshake follows), 1 use it, 2 use it and seal a new ticket.
int gibbon_tls_on_ticket(
    SSL *ssl, unsigned char *name, unsigned char *iv, EVP_CIPHER_CTX *cipher, EVP_MAC_CTX *mac, int is_new) {
  struct gibbon_tls_context *context = SSL_CTX_get_app_data(SSL_get_SSL_CTX(ssl));
  if (context == NULL || context->tickets == NULL) return -1;
  struct gibbon_tls_tickets *tickets = context->tickets;
  struct ticket_key key;
  int result = find_key(tickets, is_new ? NULL : name, &key);
  if (result == 0) return 0;
  if (is_new) {
    memcpy(name, key.name, sizeof key.name);
    if (RAND_bytes(iv, 16) != 1) result = -1;
  }
  OSSL_PARAM settings[] = {
      OSSL_PARAM_construct_octet_string(OSSL_MAC_PARAM_KEY, key.mac, sizeof key.mac),
      OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, (char *)"SHA256", 0), OSSL_PARAM_construct_end()};
  if (result > 0 && (EVP_CipherInit_ex2(cipher, tickets->cipher, key.cipher, iv, is_new, NULL) != 1 ||
                     EVP_MAC_CTX_set_params(mac, settings) != 1)) {
    result = -1;
  }
  OPENSSL_cleanse(&key, sizeof key);
  // Tickets of TLS 1.3 are for one use (RFC 8446, appendix C.4), so that a client needs a new one. nginx does the same.
  return result == 1 && !is_new && SSL_version(ssl) == TLS1_3_VERSION ? 2 : result;
}
