// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <netdb.h>
#include <netinet/in.h>
#include <string.h>

typedef int lookup(const char *, const char *, const struct addrinfo *, struct addrinfo **);

// In place of the C library's function of this name, for every module of this program. Without hints it assumes
// AI_ADDRCONFIG, and then refuses even to read "::1" on a machine that has no IPv6 address besides that one, as is
// usual in containers. An address that is written in numbers needs no such guess: what it is given is what it is.
int getaddrinfo(const char *name, const char *service, const struct addrinfo *hints, struct addrinfo **result) {
  static lookup *system_lookup;
  lookup *next = __atomic_load_n(&system_lookup, __ATOMIC_ACQUIRE);
  if (!next) {
    next = (lookup *)dlsym(RTLD_NEXT, "getaddrinfo");
    if (!next) return EAI_SYSTEM;
    __atomic_store_n(&system_lookup, next, __ATOMIC_RELEASE);
  }
  struct in6_addr address;
  int is_number = name && (inet_pton(AF_INET6, name, &address) == 1 || inet_pton(AF_INET, name, &address) == 1);
  if (!is_number || (hints && !(hints->ai_flags & AI_ADDRCONFIG))) return next(name, service, hints, result);
  struct addrinfo plain;
  memset(&plain, 0, sizeof plain);
  if (hints) plain = *hints;
  plain.ai_flags = (plain.ai_flags & ~AI_ADDRCONFIG) | AI_NUMERICHOST;
  return next(name, service, &plain, result);
}
