// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// Sessions a client keeps to resume them later.
#include "tls_internal.h"

// Called while the handshake or a read is under way. Returns 1: the reference is ours.
int gibbon_tls_on_new_session(SSL *ssl, SSL_SESSION *resumption) {
  struct gibbon_tls_session *session = gibbon_tls_of(ssl);
  if (session == NULL || SSL_SESSION_is_resumable(resumption) != 1) return 0;
  SSL_SESSION_free(session->resumption);
  session->resumption = resumption;
  return 1;
}

struct gibbon_tls_resumption *gibbon_tls_take_resumption(struct gibbon_tls_session *session) {
  SSL_SESSION *taken = session->resumption;
  session->resumption = NULL;
  return (struct gibbon_tls_resumption *)taken;
}

void gibbon_tls_resumption_free(struct gibbon_tls_resumption *resumption) {
  SSL_SESSION_free((SSL_SESSION *)resumption);
}

int gibbon_tls_resume(struct gibbon_tls_session *session, struct gibbon_tls_resumption *resumption) {
  // OpenSSL marks a ticket of TLS 1.3 that was used.
  if (SSL_SESSION_is_resumable((SSL_SESSION *)resumption) != 1) return 0;
  return SSL_set_session(session->ssl, (SSL_SESSION *)resumption) == 1;
}
