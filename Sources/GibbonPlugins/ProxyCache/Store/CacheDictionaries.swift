// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where responses are kept: one store for each of Kong's shared dictionaries, for all instances of the process.
enum CacheDictionaries {
  static let initial = "kong_db_cache"

  private static let mebibyte = 1 << 20

  /// The dictionaries of Kong's nginx template with their sizes in bytes; the two of 128 MiB have that from the default
  /// of `mem_cache_size`.
  static let capacities: [String: Int] = [
    "kong": 5 * mebibyte, "kong_locks": 8 * mebibyte, "kong_healthchecks": 5 * mebibyte,
    "kong_cluster_events": 5 * mebibyte, "kong_rate_limiting_counters": 12 * mebibyte,
    "kong_core_db_cache": 128 * mebibyte, "kong_core_db_cache_miss": 12 * mebibyte,
    "kong_db_cache": 128 * mebibyte, "kong_db_cache_miss": 12 * mebibyte, "kong_secrets": 5 * mebibyte,
    "kong_dns_cache": 5 * mebibyte, "prometheus_metrics": 5 * mebibyte,
  ]

  private static let stores = Self.capacities.mapValues { CacheStore(capacityBytes: $0) }

  /// nil for a name that no dictionary has.
  static func store(named name: String) -> CacheStore? { self.stores[name] }
}
