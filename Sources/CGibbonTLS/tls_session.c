// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// One connection: handshake, reading, writing, closing.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

struct gibbon_tls_session *gibbon_tls_of(const SSL *ssl) { return SSL_get_app_data(ssl); }

struct gibbon_tls_session *gibbon_tls_session_new(
    struct gibbon_tls_context *context, int descriptor, const uint8_t *early, size_t early_count) {
  struct gibbon_tls_session *session = calloc(1, sizeof *session);
  if (session == NULL) return NULL;
  session->context = context;
  session->descriptor = descriptor;
  session->ssl = SSL_new(context->ssl);
  BIO *bio = session->ssl != NULL ? gibbon_tls_bio_new(session) : NULL;
  if (early_count > 0) {
    session->early = OPENSSL_memdup(early, early_count);
    session->early_count = session->early != NULL ? early_count : 0;
  }
  if (bio == NULL || session->early_count != early_count) {
    BIO_free(bio);
    gibbon_tls_session_free(session);
    return NULL;
  }
  SSL_set_bio(session->ssl, bio, bio);
  SSL_set_app_data(session->ssl, session);
  if (context->is_server) {
    SSL_set_accept_state(session->ssl);
  } else {
    SSL_set_connect_state(session->ssl);
  }
  return session;
}

static void forget_choice(struct gibbon_tls_session *session) {
  session->identity = NULL;
  free(session->alpn);
  session->alpn = NULL;
  session->alpn_count = 0;
  free(session->offered);
  session->offered = NULL;
  session->offered_count = 0;
}

void gibbon_tls_session_free(struct gibbon_tls_session *session) {
  if (session == NULL) return;
  if (session->ssl != NULL) {
    // A connection that was cut does not make its session unfit to be resumed: nginx does the same.
    if (!session->is_failed) SSL_set_shutdown(session->ssl, SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
    SSL_free(session->ssl);
  }
  OPENSSL_free(session->early);
  forget_choice(session);
  free(session->server_name);
  SSL_SESSION_free(session->resumption);
  free(session->failure);
  free(session);
}

int gibbon_tls_handshake(struct gibbon_tls_session *session) {
  if (session->is_failed) return GIBBON_TLS_FAILED;
  ERR_clear_error();
  int result = SSL_do_handshake(session->ssl);
  if (result == 1) {
    session->is_ready = 1;
    forget_choice(session);
    return GIBBON_TLS_DONE;
  }
  int error = SSL_get_error(session->ssl, result);
  switch (error) {
    case SSL_ERROR_WANT_READ: return GIBBON_TLS_WANTS_READ;
    case SSL_ERROR_WANT_WRITE: return GIBBON_TLS_WANTS_WRITE;
    case SSL_ERROR_WANT_CLIENT_HELLO_CB: return GIBBON_TLS_WANTS_CHOICE;
    default:
      gibbon_tls_fail(session, error);
      return GIBBON_TLS_FAILED;
  }
}

long gibbon_tls_read(struct gibbon_tls_session *session, void *bytes, size_t count) {
  if (session->is_failed) return session->answer;
  if (count == 0) return -EINVAL;
  size_t taken = 0;
  ERR_clear_error();
  session->is_waiting = 0;
  int result = SSL_read_ex(session->ssl, bytes, count, &taken);
  if (result == 1) return (long)taken;
  int error = SSL_get_error(session->ssl, result);
  switch (error) {
    case SSL_ERROR_ZERO_RETURN: return 0;
    case SSL_ERROR_WANT_READ:
    case SSL_ERROR_WANT_WRITE:
      session->is_waiting = 1;
      return -EAGAIN;
    default: gibbon_tls_fail(session, error); return session->answer;
  }
}

// One record after the other until the socket is full: OpenSSL stops after each when partial writes are allowed.
long gibbon_tls_write(struct gibbon_tls_session *session, const void *bytes, size_t count) {
  if (session->is_failed) return session->answer;
  // What waits must come again, or OpenSSL would take the connection for broken.
  if (count == 0 || count < session->unsent) return -EINVAL;
  size_t total = 0;
  ERR_clear_error();
  while (total < count) {
    size_t taken = 0;
    int result = SSL_write_ex(session->ssl, (const uint8_t *)bytes + total, count - total, &taken);
    if (result == 1) {
      total += taken;
      session->unsent = 0;
      continue;
    }
    int error = SSL_get_error(session->ssl, result);
    if (error == SSL_ERROR_WANT_WRITE || error == SSL_ERROR_WANT_READ) {
      size_t rest = count - total;
      session->unsent = rest < SSL3_RT_MAX_PLAIN_LENGTH ? rest : SSL3_RT_MAX_PLAIN_LENGTH;
      return total > 0 ? (long)total : -EAGAIN;
    }
    gibbon_tls_fail(session, error);
    return total > 0 ? (long)total : session->answer;
  }
  return (long)total;
}

void gibbon_tls_shutdown(struct gibbon_tls_session *session) {
  if (session->is_failed || !session->is_ready || SSL_get_shutdown(session->ssl) & SSL_SENT_SHUTDOWN) return;
  ERR_clear_error();
  SSL_shutdown(session->ssl);
  ERR_clear_error();
}

int gibbon_tls_has_pending(const struct gibbon_tls_session *session) {
  if (session->early_used < session->early_count) return 1;
  if (SSL_pending(session->ssl) > 0) return 1;
  return !session->is_waiting && !session->is_failed && SSL_has_pending(session->ssl) == 1;
}

void gibbon_tls_note_readable(struct gibbon_tls_session *session) { session->is_drained = 0; }

int gibbon_tls_is_drained(const struct gibbon_tls_session *session) {
  return session->is_drained && !gibbon_tls_has_pending(session);
}

int gibbon_tls_set_server_name(struct gibbon_tls_session *session, const char *name) {
  return SSL_set_tlsext_host_name(session->ssl, name) == 1;
}

int gibbon_tls_verify_host(struct gibbon_tls_session *session, const char *name) {
  SSL_set_hostflags(session->ssl, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  return SSL_set1_host(session->ssl, name) == 1;
}

int gibbon_tls_verify_address(struct gibbon_tls_session *session, const char *address) {
  return X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(session->ssl), address) == 1;
}
