// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Dispatch
import GibbonCore
import GibbonDNS
import Synchronization
import Testing

/// A resolver that asks one name server of the test's.
struct Asking {
  let server: NameServer
  let resolver: Resolver

  init(
    _ table: [NameServer.Question: NameServer.Reply] = [:], _ adjust: (inout ResolverSettings) -> Void = { _ in }
  ) throws {
    self.server = try NameServer(table)
    var settings = ResolverSettings()
    settings.servers = [self.server.address]
    adjust(&settings)
    self.resolver = try Resolver(settings: settings)
  }

  func answer(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> DNSAnswer {
    try GibbonDNSTests.answer(of: self.resolver, name, location)
  }

  func addresses(_ name: String, _ location: SourceLocation = #_sourceLocation) throws -> [String] {
    try self.answer(name, location).addresses
  }
}

/// Waits for the answer.
func answer(
  of resolver: Resolver, _ name: String, _ location: SourceLocation = #_sourceLocation
) throws -> DNSAnswer {
  let place = Mutex<DNSAnswer?>(nil)
  let done = DispatchSemaphore(value: 0)
  let shared = Shared(place)
  resolver.resolve(name) { answer in
    shared.place.withLock { $0 = answer }
    done.signal()
  }
  #expect(done.wait(timeout: .now() + 30) == .success, "no answer for \(name)", sourceLocation: location)
  return try #require(shared.place.withLock { $0 }, sourceLocation: location)
}

/// Lets a completion outlive the call that waits for it.
private final class Shared: Sendable {
  let place: Mutex<DNSAnswer?>
  init(_ place: consuming Mutex<DNSAnswer?>) { self.place = place }
}

extension DNSAnswer {
  var addresses: [String] {
    self.endpoints.map(\.address.description)
  }

  var reason: String? {
    if case .failed(let reason) = self.outcome { reason } else { nil }
  }
}

extension NameServer.Question {
  static func a(_ name: String) -> Self { Self(name: name, kind: .a) }
  static func srv(_ name: String) -> Self { Self(name: name, kind: .srv) }
  static func aaaa(_ name: String) -> Self { Self(name: name, kind: .aaaa) }
}
