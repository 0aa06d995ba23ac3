// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
//
// A new key and a certificate for it, signed by itself or by another key.
#include <openssl/bn.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "tls_internal.h"

static int add_extension(X509 *certificate, X509 *issuer, int nid, const char *value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, NULL, NULL, 0);
  X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
  int result = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return result;
}

static int add_name(GENERAL_NAMES *names, const char *text) {
  GENERAL_NAME *name = GENERAL_NAME_new();
  if (name == NULL) return 0;
  ASN1_OCTET_STRING *address = a2i_IPADDRESS(text);
  if (address != NULL) {
    GENERAL_NAME_set0_value(name, GEN_IPADD, address);
  } else {
    ASN1_IA5STRING *host = ASN1_IA5STRING_new();
    if (host == NULL || ASN1_STRING_set(host, text, (int)strlen(text)) != 1) {
      ASN1_IA5STRING_free(host);
      GENERAL_NAME_free(name);
      return 0;
    }
    GENERAL_NAME_set0_value(name, GEN_DNS, host);
  }
  ERR_clear_error();
  if (sk_GENERAL_NAME_push(names, name) > 0) return 1;
  GENERAL_NAME_free(name);
  return 0;
}

static int add_names(X509 *certificate, const struct gibbon_tls_request *request) {
  GENERAL_NAMES *names = sk_GENERAL_NAME_new_null();
  int result = names != NULL;
  for (size_t i = 0; result && i < request->name_count; i++) result = add_name(names, request->names[i]);
  result = result && X509_add1_ext_i2d(certificate, NID_subject_alt_name, names, 0, X509V3_ADD_DEFAULT) == 1;
  GENERAL_NAMES_free(names);
  return result;
}

// RFC 5280, section 4.1.2.2: positive and at most 20 bytes.
static int set_serial(X509 *certificate) {
  uint8_t bytes[16];
  if (RAND_bytes(bytes, sizeof bytes) != 1) return 0;
  bytes[0] = (bytes[0] & 0x7F) | 0x40;
  BIGNUM *number = BN_bin2bn(bytes, sizeof bytes, NULL);
  int result = number != NULL && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != NULL;
  BN_free(number);
  return result;
}

static int fill(X509 *certificate, EVP_PKEY *key, X509 *signer, const struct gibbon_tls_request *request) {
  X509_NAME *subject = X509_get_subject_name(certificate);
  const unsigned char *organization = (const unsigned char *)request->organization;
  const unsigned char *common_name = (const unsigned char *)(request->name_count > 0 ? request->names[0] : "");
  int result = X509_set_version(certificate, 2) == 1 && set_serial(certificate) &&
               ASN1_TIME_set(X509_getm_notBefore(certificate), (time_t)request->not_before) != NULL &&
               ASN1_TIME_set(X509_getm_notAfter(certificate), (time_t)request->not_after) != NULL &&
               X509_set_pubkey(certificate, key) == 1;
  if (result && organization != NULL) {
    result = X509_NAME_add_entry_by_NID(subject, NID_organizationName, MBSTRING_UTF8, organization, -1, -1, 0) == 1;
  }
  result = result && X509_NAME_add_entry_by_NID(subject, NID_commonName, MBSTRING_UTF8, common_name, -1, -1, 0) == 1;
  X509 *issuer = signer != NULL ? signer : certificate;
  result = result && X509_set_issuer_name(certificate, X509_get_subject_name(issuer)) == 1;
  result = result && add_extension(certificate, issuer, NID_subject_key_identifier, "hash") &&
           add_extension(certificate, issuer, NID_authority_key_identifier, "keyid");
  if (request->is_authority) {
    return result && add_extension(certificate, issuer, NID_basic_constraints, "critical,CA:TRUE") &&
           add_extension(certificate, issuer, NID_key_usage, "critical,keyCertSign,cRLSign");
  }
  return result && add_names(certificate, request) &&
         add_extension(certificate, issuer, NID_basic_constraints, "CA:FALSE") &&
         add_extension(certificate, issuer, NID_ext_key_usage, "serverAuth,clientAuth");
}

static struct gibbon_tls_bytes key_text(EVP_PKEY *key) {
  BIO *memory = BIO_new(BIO_s_secmem());
  if (memory != NULL) PEM_write_bio_PKCS8PrivateKey(memory, key, NULL, NULL, 0, NULL, NULL);
  return gibbon_tls_drain(memory);
}

int gibbon_tls_generate(
    const struct gibbon_tls_request *request, struct gibbon_tls_bytes *certificate_text,
    struct gibbon_tls_bytes *key_out) {
  X509 *signer = NULL;
  EVP_PKEY *signer_key = NULL;
  int error = 0, result = 1;
  if (request->signer_certificate_count > 0) {
    signer = (X509 *)gibbon_tls_certificate_new(request->signer_certificate, request->signer_certificate_count);
    signer_key = gibbon_tls_read_key(request->signer_key, request->signer_key_count, &error);
    result = signer != NULL && signer_key != NULL;
  }
  EVP_PKEY *key = request->is_ecdsa ? EVP_EC_gen("P-256") : EVP_RSA_gen(2048);
  X509 *certificate = X509_new();
  result = result && key != NULL && certificate != NULL && fill(certificate, key, signer, request) &&
           X509_sign(certificate, signer_key != NULL ? signer_key : key, EVP_sha256()) > 0;
  if (result) {
    *certificate_text = gibbon_tls_certificate_pem((struct gibbon_tls_certificate *)certificate);
    *key_out = key_text(key);
    result = certificate_text->count > 0 && key_out->count > 0;
  }
  X509_free(certificate);
  EVP_PKEY_free(key);
  X509_free(signer);
  EVP_PKEY_free(signer_key);
  ERR_clear_error();
  return result;
}
