// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  private static let lifetime = PropertyType.number(0...Double(Int32.max))
  private static let entries = PropertyType.integer(1...100_000_000)

  static let dns = PropertySection(
    "DNS", "How the names of upstream services are resolved. Answers are cached for as long as they say.",
    [
      Property(
        "dns_resolver", .nameServers,
        "Name servers to ask, with `:port` if it is not 53. Unset, those of `/etc/resolv.conf`."),
      Property("dns_hostsfile", .path, "/etc/hosts", "File of names that need no question; read at start."),
      Property(
        "dns_order", .words(["LAST", "SRV", "A", "AAAA", "CNAME"]), "LAST,SRV,A,CNAME",
        "Kinds of records to ask for, in this order; `LAST` is the kind that answered the time before."),
      Property("dns_valid_ttl", lifetime, "Seconds that answers are kept, whatever they say themselves."),
      Property(
        "dns_stale_ttl", lifetime, "3600", "Seconds an outdated answer may be used while a new one is fetched."),
      Property("dns_cache_size", entries, "10000", "Names kept in the cache."),
      Property("dns_not_found_ttl", lifetime, "30", "Seconds to remember that a name does not exist."),
      Property("dns_error_ttl", lifetime, "1", "Seconds to remember another failure."),
      Property(
        "dns_no_sync", .flag, "off", .accepted("questions for the same name are always asked once"),
        "`on` makes Kong ask anew for each request that waits."),
      Property(
        "new_dns_client", .flag, "off",
        "`on` takes the `resolver_*` properties instead of `dns_*`, as Kong's second DNS client does."),
      Property("resolver_address", .nameServers, "Like `dns_resolver`."),
      Property("resolver_hosts_file", .path, "/etc/hosts", "Like `dns_hostsfile`."),
      Property("resolver_family", .words(["A", "AAAA", "SRV"]), "A,SRV", "Like `dns_order`."),
      Property("resolver_valid_ttl", lifetime, "Like `dns_valid_ttl`."),
      Property("resolver_stale_ttl", lifetime, "3600", "Like `dns_stale_ttl`."),
      Property("resolver_lru_cache_size", entries, "10000", "Like `dns_cache_size`."),
      Property("resolver_mem_cache_size", .size, "5m", .noSharedMemory, "Shared memory for Kong's answers."),
      Property("resolver_error_ttl", lifetime, "1", "Like `dns_error_ttl` and `dns_not_found_ttl`."),
    ])
}
