// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// The transport below OpenSSL: a non-blocking socket, before it the bytes that were read already. Unlike OpenSSL's own
// it never raises SIGPIPE, and it remembers how the last call ended.
#define _GNU_SOURCE
#include <errno.h>
#include <openssl/bio.h>
#include <pthread.h>
#include <string.h>
#include <sys/socket.h>

#include "tls_internal.h"

static void remember_first(struct gibbon_tls_session *session, const char *bytes, size_t count) {
  while (session->first_count < sizeof session->first && count > 0) {
    session->first[session->first_count++] = (uint8_t)*bytes++;
    count--;
  }
}

static int bio_read(BIO *bio, char *bytes, int count) {
  struct gibbon_tls_session *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (count <= 0) return 0;
  if (session->early_used < session->early_count) {
    size_t left = session->early_count - session->early_used;
    size_t taken = left < (size_t)count ? left : (size_t)count;
    memcpy(bytes, session->early + session->early_used, taken);
    session->early_used += taken;
    if (session->early_used == session->early_count) {
      OPENSSL_free(session->early);
      session->early = NULL;
      session->early_count = session->early_used = 0;
    }
    remember_first(session, bytes, taken);
    return (int)taken;
  }
  ssize_t result;
  do result = recv(session->descriptor, bytes, (size_t)count, 0); while (result < 0 && errno == EINTR);
  if (result > 0) {
    session->is_drained = result < count;
    if (session->first_count < sizeof session->first) remember_first(session, bytes, (size_t)result);
    return (int)result;
  }
  if (result == 0) {
    session->is_cut = 1;
  } else if (errno == EAGAIN || errno == EWOULDBLOCK) {
    session->is_drained = 1;
    BIO_set_retry_read(bio);
  } else {
    session->socket_error = errno;
  }
  return (int)result;
}

static int bio_write(BIO *bio, const char *bytes, int count) {
  struct gibbon_tls_session *session = BIO_get_data(bio);
  BIO_clear_retry_flags(bio);
  if (count <= 0) return 0;
  ssize_t result;
  do result = send(session->descriptor, bytes, (size_t)count, MSG_NOSIGNAL); while (result < 0 && errno == EINTR);
  if (result < 0) {
    if (errno == EAGAIN || errno == EWOULDBLOCK) {
      BIO_set_retry_write(bio);
    } else {
      session->socket_error = errno;
    }
  }
  return (int)result;
}

static long bio_control(BIO *bio, int command, long number, void *pointer) {
  (void)number;
  (void)pointer;
  struct gibbon_tls_session *session = BIO_get_data(bio);
  switch (command) {
    case BIO_CTRL_FLUSH:
    case BIO_CTRL_DUP: return 1;
    case BIO_CTRL_EOF: return session != NULL && session->is_cut;
    default: return 0;
  }
}

static int bio_create(BIO *bio) {
  BIO_set_init(bio, 1);
  return 1;
}

static BIO_METHOD *method;
static pthread_once_t method_once = PTHREAD_ONCE_INIT;

static void make_method(void) {
  BIO_METHOD *made = BIO_meth_new(BIO_get_new_index() | BIO_TYPE_SOURCE_SINK, "gibbon");
  if (made == NULL) return;
  BIO_meth_set_read(made, bio_read);
  BIO_meth_set_write(made, bio_write);
  BIO_meth_set_ctrl(made, bio_control);
  BIO_meth_set_create(made, bio_create);
  method = made;
}

BIO *gibbon_tls_bio_new(struct gibbon_tls_session *session) {
  pthread_once(&method_once, make_method);
  if (method == NULL) return NULL;
  BIO *bio = BIO_new(method);
  if (bio != NULL) BIO_set_data(bio, session);
  return bio;
}
