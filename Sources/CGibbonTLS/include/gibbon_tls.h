// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// OpenSSL 3 as Swift imports it well: no variadics, no macros, pointers to structs that stay here. What is decided is
// decided in Swift; this side calls OpenSSL in the right order and says what came out.
//
// Functions that return int say 1 for success and 0 for failure unless noted. Texts go in with their length, or as
// zero-terminated strings where OpenSSL wants them so.
#ifndef GIBBON_TLS_H
#define GIBBON_TLS_H

#include <stddef.h>
#include <stdint.h>

struct gibbon_tls_context;
struct gibbon_tls_session;
struct gibbon_tls_identity;
struct gibbon_tls_authority;
struct gibbon_tls_tickets;
struct gibbon_tls_certificate;
struct gibbon_tls_trust;
struct gibbon_tls_resumption;

// Bytes that the caller owns; given back with gibbon_tls_bytes_free. NULL and 0 when there are none.
struct gibbon_tls_bytes {
  uint8_t *bytes;
  size_t count;
};
void gibbon_tls_bytes_free(struct gibbon_tls_bytes bytes);

// Why something failed.
enum gibbon_tls_cause {
  GIBBON_TLS_CAUSE_NONE = 0,
  GIBBON_TLS_CAUSE_SYSTEM,           // code: errno
  GIBBON_TLS_CAUSE_CUT,              // the peer closed TCP
  GIBBON_TLS_CAUSE_PLAIN_HTTP,       // the first bytes are an HTTP head
  GIBBON_TLS_CAUSE_NOT_TLS,          // the first bytes are no TLS record
  GIBBON_TLS_CAUSE_VERSION,          // no protocol version in common
  GIBBON_TLS_CAUSE_NO_CIPHER,        // no cipher in common
  GIBBON_TLS_CAUSE_NO_SIGNATURE,     // no signature algorithm in common
  GIBBON_TLS_CAUSE_NO_ALPN,          // no application protocol in common
  GIBBON_TLS_CAUSE_ALERT,            // code: the alert the peer sent
  GIBBON_TLS_CAUSE_VERIFY,           // code: the verification result of X.509
  GIBBON_TLS_CAUSE_BAD_RECORD,       // a record whose authentication failed
  GIBBON_TLS_CAUSE_RECORD_TOO_LONG,
  GIBBON_TLS_CAUSE_REFUSED,          // the certificate chooser has none for this name
  GIBBON_TLS_CAUSE_OTHER,            // text: OpenSSL's reason
};

struct gibbon_tls_failure {
  int cause;
  int code;
  char text[200];  // zero-terminated
};

// Steps of a handshake.
enum gibbon_tls_step {
  GIBBON_TLS_DONE = 0,
  GIBBON_TLS_WANTS_READ,
  GIBBON_TLS_WANTS_WRITE,
  GIBBON_TLS_WANTS_CHOICE,
  GIBBON_TLS_FAILED,
};

// tls_context.c: what sessions share.
struct gibbon_tls_context *gibbon_tls_context_new(int is_server);
void gibbon_tls_context_free(struct gibbon_tls_context *context);
// Bits from the lowest: TLSv1, TLSv1.1, TLSv1.2, TLSv1.3.
int gibbon_tls_context_protocols(struct gibbon_tls_context *context, uint32_t bits);
int gibbon_tls_context_ciphers(struct gibbon_tls_context *context, const char *list);
int gibbon_tls_context_suites(struct gibbon_tls_context *context, const char *list);
int gibbon_tls_context_groups(struct gibbon_tls_context *context, const char *list);
int gibbon_tls_context_dh_group(struct gibbon_tls_context *context, const char *name);
int gibbon_tls_context_dh_pem(struct gibbon_tls_context *context, const uint8_t *text, size_t count);
void gibbon_tls_context_security_level(struct gibbon_tls_context *context, int level);
void gibbon_tls_context_prefer_server_ciphers(struct gibbon_tls_context *context);
// tickets: NULL for sessions kept in this process, `cache` of them.
void gibbon_tls_context_sessions(
    struct gibbon_tls_context *context, struct gibbon_tls_tickets *tickets, long timeout_s, long cache);
// Sessions are resumed only where the scope is the same.
int gibbon_tls_context_scope(struct gibbon_tls_context *context, const uint8_t *scope, size_t count);
// Length-prefixed names in order of preference.
int gibbon_tls_context_alpn(struct gibbon_tls_context *context, const uint8_t *wire, size_t count);
void gibbon_tls_context_verify(struct gibbon_tls_context *context, int on, int depth);
int gibbon_tls_context_trust(struct gibbon_tls_context *context, struct gibbon_tls_trust *trust);
int gibbon_tls_context_identity(struct gibbon_tls_context *context, struct gibbon_tls_identity *identity);

// tls_session.c: one connection.
// `early` was read from the descriptor before; it is copied.
struct gibbon_tls_session *gibbon_tls_session_new(
    struct gibbon_tls_context *context, int descriptor, const uint8_t *early, size_t early_count);
void gibbon_tls_session_free(struct gibbon_tls_session *session);
int gibbon_tls_handshake(struct gibbon_tls_session *session);
// Bytes, 0 at close_notify, -EAGAIN, -errno, -EPROTO, or GIBBON_TLS_TRUNCATED.
#define GIBBON_TLS_TRUNCATED_CODE 100001
long gibbon_tls_read(struct gibbon_tls_session *session, void *bytes, size_t count);
long gibbon_tls_write(struct gibbon_tls_session *session, const void *bytes, size_t count);
void gibbon_tls_shutdown(struct gibbon_tls_session *session);
// Whether the session holds bytes that a read would give without asking the socket.
int gibbon_tls_has_pending(const struct gibbon_tls_session *session);
// Whether the last read of the socket took less than it had room for, and nothing was announced since.
int gibbon_tls_is_drained(const struct gibbon_tls_session *session);
// The socket was said to have more: what earlier reads showed no longer counts.
void gibbon_tls_note_readable(struct gibbon_tls_session *session);
struct gibbon_tls_failure gibbon_tls_failure(const struct gibbon_tls_session *session);
// Client: name to send, name or address to verify; NULL for none.
int gibbon_tls_set_server_name(struct gibbon_tls_session *session, const char *name);
int gibbon_tls_verify_host(struct gibbon_tls_session *session, const char *name);
int gibbon_tls_verify_address(struct gibbon_tls_session *session, const char *address);

// tls_hello.c: what a server decides at the ClientHello.
struct gibbon_tls_bytes gibbon_tls_hello_server_name(const struct gibbon_tls_session *session);
struct gibbon_tls_bytes gibbon_tls_hello_alpn(const struct gibbon_tls_session *session);
// The identity must live until the handshake is over. `alpn`: instead of the context's, or NULL.
int gibbon_tls_choose(
    struct gibbon_tls_session *session, struct gibbon_tls_identity *identity,
    struct gibbon_tls_authority *authority, const uint8_t *alpn, size_t alpn_count);
// A DER-encoded OCSP response to staple; copied.
int gibbon_tls_staple(struct gibbon_tls_session *session, const uint8_t *response, size_t count);
void gibbon_tls_refuse(struct gibbon_tls_session *session);

// tls_facts.c: what came out.
const char *gibbon_tls_version(const struct gibbon_tls_session *session);
const char *gibbon_tls_cipher(const struct gibbon_tls_session *session);
struct gibbon_tls_bytes gibbon_tls_alpn(const struct gibbon_tls_session *session);
int gibbon_tls_is_resumed(const struct gibbon_tls_session *session);
long gibbon_tls_verify_result(const struct gibbon_tls_session *session);
const char *gibbon_tls_verify_text(long result);
// Whether nginx's `optional_no_ca` lets this result pass.
int gibbon_tls_is_unknown_issuer(long result);
// Kinds of results for words of our own: see TLSFailure.swift.
int gibbon_tls_verify_kind(long result);
// The peer's certificate, owned by the caller; NULL when it sent none.
struct gibbon_tls_certificate *gibbon_tls_peer(const struct gibbon_tls_session *session);
// PEM of the peer's certificate and of those it sent with it.
struct gibbon_tls_bytes gibbon_tls_peer_chain_pem(const struct gibbon_tls_session *session);

// tls_resumption.c: sessions a client keeps.
// The newest session the server offered since the last call, owned by the caller; NULL for none.
struct gibbon_tls_resumption *gibbon_tls_take_resumption(struct gibbon_tls_session *session);
void gibbon_tls_resumption_free(struct gibbon_tls_resumption *resumption);
int gibbon_tls_resume(struct gibbon_tls_session *session, struct gibbon_tls_resumption *resumption);

// tls_identity.c: certificates with their keys.
enum gibbon_tls_identity_error {
  GIBBON_TLS_IDENTITY_OK = 0,
  GIBBON_TLS_NO_CERTIFICATE,
  GIBBON_TLS_BROKEN_CERTIFICATE,
  GIBBON_TLS_NO_KEY,
  GIBBON_TLS_BROKEN_KEY,
  GIBBON_TLS_ENCRYPTED_KEY,
  GIBBON_TLS_KEY_MISMATCH,
  GIBBON_TLS_LEAF_NOT_FIRST,
  GIBBON_TLS_CHAIN_ORDER,
  GIBBON_TLS_UNSUPPORTED_KEY,
  GIBBON_TLS_SAME_KEY_TYPE,
  GIBBON_TLS_OUT_OF_MEMORY,
};
struct gibbon_tls_identity *gibbon_tls_identity_new(void);
void gibbon_tls_identity_free(struct gibbon_tls_identity *identity);
// PEM or DER. Returns one of gibbon_tls_identity_error.
int gibbon_tls_identity_add(
    struct gibbon_tls_identity *identity, const uint8_t *certificate, size_t certificate_count, const uint8_t *key,
    size_t key_count, int checks_chain);
size_t gibbon_tls_identity_count(const struct gibbon_tls_identity *identity);
struct gibbon_tls_certificate *gibbon_tls_identity_certificate(const struct gibbon_tls_identity *identity, size_t at);
// The first certificate above the leaf, which signed it; NULL when the chain has none.
struct gibbon_tls_certificate *gibbon_tls_identity_issuer(const struct gibbon_tls_identity *identity, size_t at);

// tls_certificate.c: facts of a certificate.
struct gibbon_tls_certificate *gibbon_tls_certificate_new(const uint8_t *text, size_t count);
void gibbon_tls_certificate_free(struct gibbon_tls_certificate *certificate);
struct gibbon_tls_bytes gibbon_tls_certificate_der(const struct gibbon_tls_certificate *certificate);
struct gibbon_tls_bytes gibbon_tls_certificate_pem(const struct gibbon_tls_certificate *certificate);
// RFC 2253.
struct gibbon_tls_bytes gibbon_tls_certificate_subject(const struct gibbon_tls_certificate *certificate);
struct gibbon_tls_bytes gibbon_tls_certificate_issuer(const struct gibbon_tls_certificate *certificate);
struct gibbon_tls_bytes gibbon_tls_certificate_common_name(const struct gibbon_tls_certificate *certificate);
// Hex in upper case.
struct gibbon_tls_bytes gibbon_tls_certificate_serial(const struct gibbon_tls_certificate *certificate);
int gibbon_tls_certificate_sha1(const struct gibbon_tls_certificate *certificate, uint8_t *twenty_bytes);
// As ASN1_TIME_print writes it.
struct gibbon_tls_bytes gibbon_tls_certificate_time(const struct gibbon_tls_certificate *certificate, int is_end);
int64_t gibbon_tls_certificate_seconds(const struct gibbon_tls_certificate *certificate, int is_end);
// The DNS name or address at this place of subjectAltName; empty past the end.
size_t gibbon_tls_certificate_name_count(const struct gibbon_tls_certificate *certificate);
struct gibbon_tls_bytes gibbon_tls_certificate_name(const struct gibbon_tls_certificate *certificate, size_t at);
struct gibbon_tls_bytes gibbon_tls_certificate_key_type(const struct gibbon_tls_certificate *certificate);

// tls_trust.c: certificate authorities.
struct gibbon_tls_trust *gibbon_tls_trust_new(void);
void gibbon_tls_trust_free(struct gibbon_tls_trust *trust);
// The count of certificates taken from a PEM text, or -1 when one is broken.
long gibbon_tls_trust_add(struct gibbon_tls_trust *trust, const uint8_t *text, size_t count);
int gibbon_tls_trust_add_file(struct gibbon_tls_trust *trust, const char *path);
// Modes as nginx numbers them: 0 off, 1 on, 2 optional, 3 optional_no_ca.
struct gibbon_tls_authority *gibbon_tls_authority_new(
    struct gibbon_tls_trust *trust, int mode, int depth, int sends_names);
void gibbon_tls_authority_free(struct gibbon_tls_authority *authority);

// tls_tickets.c: the keys of session tickets.
struct gibbon_tls_tickets *gibbon_tls_tickets_new(uint64_t now_s, uint64_t rotation_s, uint64_t lifetime_s);
void gibbon_tls_tickets_free(struct gibbon_tls_tickets *tickets);
// Makes a new key when the current one is old enough, and forgets those that are too old. 1 when a key was made.
int gibbon_tls_tickets_advance(struct gibbon_tls_tickets *tickets, uint64_t now_s);
size_t gibbon_tls_tickets_count(struct gibbon_tls_tickets *tickets);

// tls_generate.c: a key and a certificate that signs itself.
// names: zero-terminated, first the common name. authority: PEM of a signing certificate and key, or none.
struct gibbon_tls_request {
  const char *const *names;
  size_t name_count;
  const char *organization;
  int is_ecdsa;
  int is_authority;
  int64_t not_before, not_after;
  const uint8_t *signer_certificate, *signer_key;
  size_t signer_certificate_count, signer_key_count;
};
int gibbon_tls_generate(
    const struct gibbon_tls_request *request, struct gibbon_tls_bytes *certificate, struct gibbon_tls_bytes *key);
#endif
