// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting

/// Seeded routes and requests over small vocabularies, so that they collide often.
struct RandomTable {
  static let methods = ["GET", "POST", "PUT", "PURGE"]
  static let requestMethods = ["GET", "POST", "DELETE", "PURGE", "REPORT"]
  static let hosts = [
    "a.com", "b.com", "x.a.com", "a.com:8443", "x.a.com:443", "*.a.com", "*.x.a.com", "b.*", "x.*",
    "*.a.com:8443", "B.com.", "X.A.com:8443", "*.X.a.com.",
  ]
  static let requestHosts = [
    "a.com", "b.com", "x.a.com", "y.x.a.com", "b.org", "x.org", "nobody", "", ".a.com",
    "A.com", "a.com.", "X.a.Com.", "a.com..", "B.ORG.",
  ]
  static let paths = [
    "/", "/a", "/a/", "/ab", "/a/b", "/a/b/c", "/b", "/very/long/path/that/needs/more/than/one/node", "/a/1",
    "~/a/\\d+", "~/a/(?<id>\\w+)/c", "~/[a-z]+$", "~/a", "~/(a|b)/1", "~/a/b?", "~/very/.*/node$",
  ]
  static let requestPaths = [
    "/", "/a", "/a/", "/ab", "/abc", "/a/b", "/a/b/c", "/a/bb", "/a/12", "/a/12/c", "/a/1", "/b/1", "/b/2", "/c",
    "/zz", "/ZZ", "/very/long/path/that/needs/more/than/one/node/and/more", "/very/long/node", "/very/long",
  ]
  static let headerNames = ["X-A", "x-b"]
  static let headerValues = ["one", "TWO", "~*^th", "~*[e]$"]
  static let requestValues = ["one", "Two", "three", "Thought", "x", ""]
  static let snis = ["a.com", "B.com.", "x.a.com"]
  static let wildcardSNIs = ["*.A.com", "x.*"]
  /// Kong's shifts make large and negative ones wrap.
  static let regexPriorities = [
    0, 0, 0, 1, 2, 3, 511, 512, 1_024, 2_048, 4_095, 4_096, 4_097, 8_191, 8_192, 8_193, 1 << 31, 1 << 40, -1, -2,
    -4_096, -8_192, Int.max, Int.min,
  ]
  static let networks = [
    RouteNetwork(ip: "10.0.0.1"), RouteNetwork(ip: "10.0.0.0/8"), RouteNetwork(port: 1000),
    RouteNetwork(ip: "10.0.0.2", port: 1000),
  ]

  var random: Seeded
  let flavor: RouterFlavor

  init(seed: UInt64, flavor: RouterFlavor) {
    self.random = Seeded(state: seed)
    self.flavor = flavor
  }

  mutating func routes(_ count: Int) -> [RouteDefinition] {
    (0..<count).map { self.route($0) }
  }

  mutating func route(_ number: Int) -> RouteDefinition {
    let id = EntityID(high: self.random.next(), low: self.random.next())
    var route = RouteDefinition(id: id, handle: number)
    route.createdAt = Int.random(in: 0..<4, using: &self.random)
    if self.random.chance(30) { route.methods = self.random.some(Self.methods, atMost: 3) }
    if self.random.chance(45) { route.hosts = self.random.some(Self.hosts, atMost: 3) }
    if self.random.chance(70) { route.paths = self.random.some(Self.paths, atMost: 4) }
    for name in Self.headerNames where self.random.chance(20) {
      route.headers[name] = self.random.some(Self.headerValues, atMost: 2)
    }
    if self.random.chance(10) {
      route.snis = self.random.some(Self.snis + (self.flavor == .traditional ? [] : Self.wildcardSNIs), atMost: 2)
    }
    if self.random.chance(8) { route.sources = self.random.some(Self.networks, atMost: 2) }
    if self.random.chance(5) { route.destinations = self.random.some(Self.networks, atMost: 2) }
    route.regexPriority = self.random.pick(Self.regexPriorities)
    if self.flavor == .expressions, self.random.chance(30) { route.protocols = [self.random.pick(["http", "https"])] }
    let isEmpty =
      route.methods.isEmpty && route.hosts.isEmpty && route.paths.isEmpty && route.headers.isEmpty
      && route.snis.isEmpty && route.sources.isEmpty && route.destinations.isEmpty
    if isEmpty { route.paths = ["/"] }
    return route
  }

  mutating func request() -> TestRequest {
    let request = TestRequest()
    request.method = self.random.pick(Self.requestMethods)
    request.host = self.random.pick(Self.requestHosts)
    request.port = self.random.pick([443, 80, 8443])
    request.path = self.random.pick(Self.requestPaths)
    request.scheme = self.random.pick([.http, .https])
    for name in ["x-a", "X_B", "x-b", "x_a"] where self.random.chance(40) {
      request.headers.append((name, self.random.pick(Self.requestValues)))
    }
    if request.scheme == .https, self.random.chance(70) {
      request.sni = self.random.pick(["a.com", "b.com", "x.a.com", "x.org", "A.com.", "X.A.COM"])
    }
    let address = self.random.pick(["10.0.0.1", "10.0.0.2", "10.9.9.9", "11.0.0.1", "::1"])
    if let address = IPAddress(address), self.random.chance(80) {
      request.source = RouteEndpoint(address: address, port: self.random.pick([1000, 2000]))
      request.destination = request.source
    }
    return request
  }
}
