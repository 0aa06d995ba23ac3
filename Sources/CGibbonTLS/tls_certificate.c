// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// Facts of one certificate, as nginx words them.
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls_internal.h"

static X509 *x509(const struct gibbon_tls_certificate *certificate) { return (X509 *)certificate; }

struct gibbon_tls_certificate *gibbon_tls_certificate_new(const uint8_t *text, size_t count) {
  int is_broken = 0;
  STACK_OF(X509) *list = gibbon_tls_read_certificates(text, count, &is_broken);
  X509 *first = sk_X509_shift(list);
  sk_X509_pop_free(list, X509_free);
  return (struct gibbon_tls_certificate *)first;
}

void gibbon_tls_certificate_free(struct gibbon_tls_certificate *certificate) { X509_free(x509(certificate)); }

struct gibbon_tls_bytes gibbon_tls_certificate_der(const struct gibbon_tls_certificate *certificate) {
  unsigned char *der = NULL;
  int count = i2d_X509(x509(certificate), &der);
  struct gibbon_tls_bytes bytes = gibbon_tls_copy(der, count > 0 ? (size_t)count : 0);
  OPENSSL_free(der);
  return bytes;
}

struct gibbon_tls_bytes gibbon_tls_certificate_pem(const struct gibbon_tls_certificate *certificate) {
  BIO *memory = BIO_new(BIO_s_mem());
  if (memory != NULL) PEM_write_bio_X509(memory, x509(certificate));
  return gibbon_tls_drain(memory);
}

static struct gibbon_tls_bytes name_text(const X509_NAME *name) {
  BIO *memory = BIO_new(BIO_s_mem());
  if (memory != NULL) X509_NAME_print_ex(memory, name, 0, XN_FLAG_RFC2253);
  return gibbon_tls_drain(memory);
}

struct gibbon_tls_bytes gibbon_tls_certificate_subject(const struct gibbon_tls_certificate *certificate) {
  return name_text(X509_get_subject_name(x509(certificate)));
}

struct gibbon_tls_bytes gibbon_tls_certificate_issuer(const struct gibbon_tls_certificate *certificate) {
  return name_text(X509_get_issuer_name(x509(certificate)));
}

struct gibbon_tls_bytes gibbon_tls_certificate_common_name(const struct gibbon_tls_certificate *certificate) {
  X509_NAME *subject = X509_get_subject_name(x509(certificate));
  int at = X509_NAME_get_index_by_NID(subject, NID_commonName, -1);
  if (at < 0) return (struct gibbon_tls_bytes){NULL, 0};
  unsigned char *text = NULL;
  int count = ASN1_STRING_to_UTF8(&text, X509_NAME_ENTRY_get_data(X509_NAME_get_entry(subject, at)));
  struct gibbon_tls_bytes bytes = gibbon_tls_copy(text, count > 0 ? (size_t)count : 0);
  OPENSSL_free(text);
  return bytes;
}

struct gibbon_tls_bytes gibbon_tls_certificate_serial(const struct gibbon_tls_certificate *certificate) {
  BIO *memory = BIO_new(BIO_s_mem());
  if (memory != NULL) i2a_ASN1_INTEGER(memory, X509_get0_serialNumber(x509(certificate)));
  return gibbon_tls_drain(memory);
}

int gibbon_tls_certificate_sha1(const struct gibbon_tls_certificate *certificate, uint8_t *twenty_bytes) {
  unsigned count = 0;
  uint8_t digest[EVP_MAX_MD_SIZE];
  if (X509_digest(x509(certificate), EVP_sha1(), digest, &count) != 1 || count != 20) return 0;
  memcpy(twenty_bytes, digest, 20);
  return 1;
}

static const ASN1_TIME *time_of(const struct gibbon_tls_certificate *certificate, int is_end) {
  return is_end ? X509_get0_notAfter(x509(certificate)) : X509_get0_notBefore(x509(certificate));
}

struct gibbon_tls_bytes gibbon_tls_certificate_time(const struct gibbon_tls_certificate *certificate, int is_end) {
  BIO *memory = BIO_new(BIO_s_mem());
  if (memory != NULL) ASN1_TIME_print(memory, time_of(certificate, is_end));
  return gibbon_tls_drain(memory);
}

int64_t gibbon_tls_certificate_seconds(const struct gibbon_tls_certificate *certificate, int is_end) {
  struct tm parts;
  memset(&parts, 0, sizeof parts);
  if (ASN1_TIME_to_tm(time_of(certificate, is_end), &parts) != 1) return 0;
  // Days since 1970 of a date of the Gregorian calendar; timegm is no part of C.
  int64_t year = parts.tm_year + 1900, month = parts.tm_mon + 1;
  if (month <= 2) year--, month += 12;
  int64_t days = 365 * year + year / 4 - year / 100 + year / 400 + (153 * (month - 3) + 2) / 5 + parts.tm_mday - 719469;
  return days * 86400 + parts.tm_hour * 3600 + parts.tm_min * 60 + parts.tm_sec;
}

size_t gibbon_tls_certificate_name_count(const struct gibbon_tls_certificate *certificate) {
  GENERAL_NAMES *names = X509_get_ext_d2i(x509(certificate), NID_subject_alt_name, NULL, NULL);
  int count = sk_GENERAL_NAME_num(names);
  GENERAL_NAMES_free(names);
  return count > 0 ? (size_t)count : 0;
}

// A name with a zero byte inside would end early for whoever reads it as a C string: it counts as none.
struct gibbon_tls_bytes gibbon_tls_certificate_name(const struct gibbon_tls_certificate *certificate, size_t at) {
  struct gibbon_tls_bytes bytes = {NULL, 0};
  GENERAL_NAMES *names = X509_get_ext_d2i(x509(certificate), NID_subject_alt_name, NULL, NULL);
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, (int)at);
  if (name != NULL && (name->type == GEN_DNS || name->type == GEN_IPADD)) {
    const ASN1_STRING *value = name->type == GEN_DNS ? name->d.dNSName : name->d.iPAddress;
    const unsigned char *text = ASN1_STRING_get0_data(value);
    size_t count = (size_t)ASN1_STRING_length(value);
    char address[48];
    if (name->type == GEN_DNS) {
      if (memchr(text, 0, count) == NULL) bytes = gibbon_tls_copy(text, count);
    } else if (count == 4) {
      snprintf(address, sizeof address, "%d.%d.%d.%d", text[0], text[1], text[2], text[3]);
      bytes = gibbon_tls_copy(address, strlen(address));
    } else if (count == 16) {
      size_t used = 0;
      for (int i = 0; i < 8; i++) {
        used += (size_t)snprintf(
            address + used, sizeof address - used, i == 0 ? "%x" : ":%x", text[2 * i] << 8 | text[2 * i + 1]);
      }
      bytes = gibbon_tls_copy(address, used);
    }
  }
  GENERAL_NAMES_free(names);
  return bytes;
}

struct gibbon_tls_bytes gibbon_tls_certificate_key_type(const struct gibbon_tls_certificate *certificate) {
  const EVP_PKEY *key = X509_get0_pubkey(x509(certificate));
  const char *name = key != NULL ? EVP_PKEY_get0_type_name(key) : NULL;
  return name != NULL ? gibbon_tls_copy(name, strlen(name)) : (struct gibbon_tls_bytes){NULL, 0};
}
