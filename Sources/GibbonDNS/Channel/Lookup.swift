// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import Glibc

/// What became of a name.
enum LookupResult: Sendable {
  /// At least one.
  case found([DNSEndpoint], RecordKind, ttlSeconds: Int)
  case notFound(String)
  case failed(String)
}

/// One name on its way to addresses: kinds of records are asked for one after the other until one is there; the names
/// that SRV records give are looked up too. Confined to the thread of its channel.
final class Lookup {
  private let name: String
  private let kinds: [RecordKind]
  private let hosts: HostsFile
  private let channel: AresChannel
  private let completion: (LookupResult) -> Void
  private var next = 0
  /// A kind could not be asked for: that there is no other says little then.
  private var failure: String?

  /// Seconds that entries of the hosts file hold.
  private static let hostsTTL = 3600
  /// Names of SRV records that are looked up, at most.
  private static let serviceLimit = 64

  init(
    _ name: String, _ kinds: [RecordKind], _ hosts: HostsFile, _ channel: AresChannel,
    _ completion: @escaping (LookupResult) -> Void
  ) {
    self.name = name
    self.kinds = kinds
    self.hosts = hosts
    self.channel = channel
    self.completion = completion
  }

  func run() {
    if let known = self.known(self.name) {
      return self.completion(
        .found(known.map { DNSEndpoint($0) }, known[0].isV6 ? .aaaa : .a, ttlSeconds: Self.hostsTTL))
    }
    self.askNext(after: .notFound("dns client error: 101 empty record received"))
  }

  /// Addresses of the hosts file, of the first family asked for that is there.
  private func known(_ name: String) -> [IPAddress]? {
    let addresses = self.hosts[name]
    if addresses.isEmpty { return nil }
    for kind in self.kinds where kind != .srv {
      let family = addresses.filter { $0.isV6 == (kind == .aaaa) }
      if !family.isEmpty { return family }
    }
    return addresses
  }

  private func askNext(after last: QueryResult) {
    guard self.next < self.kinds.count else { return self.finish(last) }
    let kind = self.kinds[self.next]
    self.next += 1
    switch kind {
    case .a: self.ask(kind, AF_INET)
    case .aaaa: self.ask(kind, AF_INET6)
    case .srv:
      self.channel.lookUpServices(self.name) { result in
        switch result {
        case .found(let records): self.resolve(Array(records.prefix(Self.serviceLimit)))
        case .failed(let reason): self.went(wrong: reason)
        }
      }
    }
  }

  private func ask(_ kind: RecordKind, _ family: Int32) {
    self.channel.lookUp(self.name, family: family) { result in
      guard case .found(let addresses, let ttl) = result else { return self.went(wrong: result) }
      self.completion(.found(addresses.map { DNSEndpoint($0) }, kind, ttlSeconds: ttl))
    }
  }

  private func went(wrong result: QueryResult) {
    if case .failed(let reason) = result { self.failure = reason }
    self.askNext(after: result)
  }

  private func finish(_ last: QueryResult) {
    if let failure = self.failure { return self.completion(.failed(failure)) }
    guard case .notFound(let reason) = last else { return }
    self.completion(.notFound(reason))
  }

  // MARK: SRV

  private func resolve(_ records: [ServiceRecords.Record]) {
    var found = [[DNSEndpoint]](repeating: [], count: records.count)
    var ttl = records.map(\.ttlSeconds).min() ?? 0
    var open = records.count
    var last = QueryResult.notFound("dns client error: 101 empty record received")
    for (index, record) in records.enumerated() {
      self.addresses(of: record.target) { result in
        if case .found(let addresses, let seconds) = result {
          ttl = min(ttl, seconds)
          // A record's share stays what it is when its name has several addresses.
          let weight = max(1, Int(record.weight) / addresses.count)
          found[index] = addresses.map {
            DNSEndpoint(
              $0, port: record.port == 0 ? nil : record.port, weight: weight, name: record.target)
          }
        } else {
          last = result
        }
        open -= 1
        guard open == 0 else { return }
        let endpoints = found.flatMap { $0 }
        if endpoints.isEmpty { return self.went(wrong: last) }
        self.completion(.found(endpoints, .srv, ttlSeconds: ttl))
      }
    }
  }

  private func addresses(of name: String, _ completion: @escaping (QueryResult) -> Void) {
    if let literal = IPAddress(name) { return completion(.found([literal], ttlSeconds: Self.hostsTTL)) }
    if let known = self.known(name) { return completion(.found(known, ttlSeconds: Self.hostsTTL)) }
    let families = self.kinds.filter { $0 != .srv }.map { $0 == .aaaa ? AF_INET6 : AF_INET }
    self.addresses(of: name, families.isEmpty ? [AF_INET] : families, completion)
  }

  private func addresses(of name: String, _ families: [Int32], _ completion: @escaping (QueryResult) -> Void) {
    self.channel.lookUp(name, family: families[0]) { result in
      if case .found = result { return completion(result) }
      if families.count == 1 { return completion(result) }
      self.addresses(of: name, Array(families.dropFirst()), completion)
    }
  }
}
