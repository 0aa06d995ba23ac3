// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// Why a session failed, from OpenSSL's queue of errors and from what the transport saw.
#include <errno.h>
#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tls_internal.h"

// A method and a blank, or the beginning of an answer.
static int is_http(const struct gibbon_tls_session *session) {
  if (session->first_count >= 5 && memcmp(session->first, "HTTP/", 5) == 0) return 1;
  size_t letters = 0;
  while (letters < session->first_count && session->first[letters] >= 'A' && session->first[letters] <= 'Z') letters++;
  if (letters == sizeof session->first) return 1;
  return letters >= 3 && letters < session->first_count && session->first[letters] == ' ';
}

static int is_record(const struct gibbon_tls_session *session) {
  if (session->first_count == 0) return 1;
  if (session->first[0] < 20 || session->first[0] > 23) return 0;
  return session->first_count < 2 || session->first[1] == 3;
}

static int cause_of_reason(struct gibbon_tls_session *session, int reason) {
  switch (reason) {
    case SSL_R_HTTP_REQUEST:
    case SSL_R_HTTPS_PROXY_REQUEST: return GIBBON_TLS_CAUSE_PLAIN_HTTP;
    case SSL_R_WRONG_VERSION_NUMBER:
    case SSL_R_UNEXPECTED_MESSAGE:
    case SSL_R_PACKET_LENGTH_TOO_LONG:
    case SSL_R_BAD_PACKET_LENGTH:
    case SSL_R_RECORD_LENGTH_MISMATCH:
    case SSL_R_RECORD_TOO_SMALL:
    case SSL_R_INVALID_SESSION_ID:
      if (!is_record(session)) return is_http(session) ? GIBBON_TLS_CAUSE_PLAIN_HTTP : GIBBON_TLS_CAUSE_NOT_TLS;
      if (reason == SSL_R_PACKET_LENGTH_TOO_LONG) return GIBBON_TLS_CAUSE_RECORD_TOO_LONG;
      return reason == SSL_R_WRONG_VERSION_NUMBER ? GIBBON_TLS_CAUSE_VERSION : GIBBON_TLS_CAUSE_OTHER;
    case SSL_R_UNSUPPORTED_PROTOCOL:
    case SSL_R_UNSUPPORTED_SSL_VERSION:
    case SSL_R_VERSION_TOO_LOW:
    case SSL_R_VERSION_TOO_HIGH:
    case SSL_R_NO_PROTOCOLS_AVAILABLE:
    case SSL_R_UNKNOWN_PROTOCOL: return GIBBON_TLS_CAUSE_VERSION;
    case SSL_R_NO_SHARED_CIPHER:
    case SSL_R_NO_CIPHERS_AVAILABLE:
    case SSL_R_NO_CIPHERS_SPECIFIED: return GIBBON_TLS_CAUSE_NO_CIPHER;
    case SSL_R_NO_SUITABLE_SIGNATURE_ALGORITHM:
    case SSL_R_NO_SHARED_SIGNATURE_ALGORITHMS:
    case SSL_R_WRONG_SIGNATURE_TYPE: return GIBBON_TLS_CAUSE_NO_SIGNATURE;
    case SSL_R_NO_APPLICATION_PROTOCOL: return GIBBON_TLS_CAUSE_NO_ALPN;
    case SSL_R_CERTIFICATE_VERIFY_FAILED: return GIBBON_TLS_CAUSE_VERIFY;
    case SSL_R_DECRYPTION_FAILED_OR_BAD_RECORD_MAC: return GIBBON_TLS_CAUSE_BAD_RECORD;
    case SSL_R_ENCRYPTED_LENGTH_TOO_LONG:
    case SSL_R_DATA_LENGTH_TOO_LONG:
    case SSL_R_COMPRESSED_LENGTH_TOO_LONG: return GIBBON_TLS_CAUSE_RECORD_TOO_LONG;
    case SSL_R_UNEXPECTED_EOF_WHILE_READING: return GIBBON_TLS_CAUSE_CUT;
    default: return GIBBON_TLS_CAUSE_OTHER;
  }
}

static void put_text(struct gibbon_tls_failure *failure, const char *text) {
  if (text != NULL) snprintf(failure->text, sizeof failure->text, "%s", text);
}

void gibbon_tls_fail(struct gibbon_tls_session *session, int ssl_error) {
  session->is_failed = 1;
  session->answer = -EPROTO;
  struct gibbon_tls_failure *failure = session->failure;
  if (failure == NULL) failure = session->failure = calloc(1, sizeof *failure);
  unsigned long error = ERR_peek_error();
  ERR_clear_error();
  if (failure == NULL || failure->cause == GIBBON_TLS_CAUSE_PLAIN_HTTP) return;
  int reason = ERR_GET_REASON(error);
  if (session->choice == CHOICE_REFUSED) {
    failure->cause = GIBBON_TLS_CAUSE_REFUSED;
  } else if (session->socket_error != 0 && ssl_error != SSL_ERROR_SSL) {
    // With SSL_ERROR_SSL only the alert about it could not be sent.
    failure->cause = GIBBON_TLS_CAUSE_SYSTEM;
    failure->code = session->socket_error;
  } else if (error != 0 && ERR_GET_LIB(error) == ERR_LIB_SSL && reason >= SSL_AD_REASON_OFFSET) {
    failure->cause = GIBBON_TLS_CAUSE_ALERT;
    failure->code = reason - SSL_AD_REASON_OFFSET;
    put_text(failure, SSL_alert_desc_string_long(failure->code));
  } else if (error != 0 && ERR_GET_LIB(error) == ERR_LIB_SSL) {
    failure->cause = cause_of_reason(session, reason);
    if (failure->cause == GIBBON_TLS_CAUSE_VERIFY) {
      failure->code = (int)SSL_get_verify_result(session->ssl);
    } else {
      put_text(failure, ERR_reason_error_string(error));
    }
  } else if (error == 0 && session->is_cut) {
    failure->cause = GIBBON_TLS_CAUSE_CUT;
  } else {
    failure->cause = GIBBON_TLS_CAUSE_OTHER;
    put_text(failure, error != 0 ? ERR_reason_error_string(error) : ssl_error == SSL_ERROR_SSL ? "TLS error" : NULL);
  }
  // A plain head that is shorter than a record's, and then the end.
  if (failure->cause == GIBBON_TLS_CAUSE_CUT && !session->is_ready && !is_record(session)) {
    failure->cause = is_http(session) ? GIBBON_TLS_CAUSE_PLAIN_HTTP : GIBBON_TLS_CAUSE_NOT_TLS;
  }
  if (failure->cause == GIBBON_TLS_CAUSE_SYSTEM) session->answer = -failure->code;
  if (failure->cause == GIBBON_TLS_CAUSE_CUT) session->answer = -GIBBON_TLS_TRUNCATED_CODE;
}

struct gibbon_tls_failure gibbon_tls_failure(const struct gibbon_tls_session *session) {
  if (session->failure == NULL) return (struct gibbon_tls_failure){0};
  return *session->failure;
}

// The first problem is what people need to hear of: its depth, and whose certificate is missing above it.
int gibbon_tls_on_verify_server(int is_good, X509_STORE_CTX *store) {
  if (is_good) return 1;
  SSL *ssl = X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx());
  struct gibbon_tls_session *session = ssl != NULL ? gibbon_tls_of(ssl) : NULL;
  if (session == NULL) return 0;
  if (session->failure == NULL) session->failure = calloc(1, sizeof *session->failure);
  X509 *certificate = X509_STORE_CTX_get_current_cert(store);
  if (session->failure == NULL || certificate == NULL) return 0;
  // Of the peer's making: one line, no control bytes (RFC 2253 escapes them), as much as there is room for.
  BIO *memory = BIO_new(BIO_s_mem());
  if (memory == NULL) return 0;
  X509_NAME_print_ex(memory, X509_get_issuer_name(certificate), 0, XN_FLAG_RFC2253);
  char *text = NULL;
  long count = BIO_get_mem_data(memory, &text);
  size_t room = sizeof session->failure->text - 1;
  size_t taken = count > 0 && (size_t)count < room ? (size_t)count : count > 0 ? room : 0;
  if (taken > 0) memcpy(session->failure->text, text, taken);
  session->failure->text[taken] = 0;
  BIO_free(memory);
  return 0;
}

// As nginx: the handshake goes on, and the request is answered by what the verification said.
int gibbon_tls_on_verify_client(int is_good, X509_STORE_CTX *store) {
  (void)is_good;
  (void)store;
  return 1;
}

const char *gibbon_tls_verify_text(long result) { return X509_verify_cert_error_string(result); }

int gibbon_tls_is_unknown_issuer(long result) {
  switch (result) {
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_CERT_UNTRUSTED:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE: return 1;
    default: return 0;
  }
}

// 1 expired, 2 not yet valid, 3 self-signed, 4 a root that is not trusted, 5 no issuer, 6 name, 7 address, 8 depth,
// 9 purpose, 10 revoked, 0 other.
int gibbon_tls_verify_kind(long result) {
  switch (result) {
    case X509_V_ERR_CERT_HAS_EXPIRED: return 1;
    case X509_V_ERR_CERT_NOT_YET_VALID: return 2;
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT: return 3;
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN: return 4;
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_CERT_UNTRUSTED: return 5;
    case X509_V_ERR_HOSTNAME_MISMATCH: return 6;
    case X509_V_ERR_IP_ADDRESS_MISMATCH: return 7;
    case X509_V_ERR_CERT_CHAIN_TOO_LONG:
    case X509_V_ERR_PATH_LENGTH_EXCEEDED: return 8;
    case X509_V_ERR_INVALID_PURPOSE:
    case X509_V_ERR_INVALID_CA: return 9;
    case X509_V_ERR_CERT_REVOKED: return 10;
    default: return 0;
  }
}
