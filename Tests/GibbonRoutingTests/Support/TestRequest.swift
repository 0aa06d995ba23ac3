// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting

/// A request written out.
final class TestRequest: RouteRequestDetails {
  var method = "GET"
  var host = "example.com"
  var port: UInt16 = 443
  var path = "/"
  var headers: [(name: String, value: String)] = []
  var queries: [(name: String, value: String)] = []
  var scheme = RouteScheme.https
  var sni: String?
  var source: RouteEndpoint?
  var destination: RouteEndpoint?

  init() {}

  convenience init(
    _ method: String = "GET", _ path: String, host: String = "example.com", headers: [(String, String)] = []
  ) {
    self.init()
    self.method = method
    self.path = path
    self.host = host
    self.headers = headers.map { ($0.0, $0.1) }
  }

  var headerCount: Int { self.headers.count }
  var queryLength: Int { self.queries.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 2 } }

  func visitHeaderValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    var named = self.headers.filter { $0.name.lowercased() == name }
    if named.isEmpty { named = self.headers.filter { $0.name.lowercased() == name.replacing("_", with: "-") } }
    for header in named {
      let bytes = Array(header.value.utf8)
      guard visit(bytes.span) else { return }
    }
  }

  func visitQueryValues(_ name: String, _ visit: (Span<UInt8>) -> Bool) {
    for query in self.queries where query.name == name {
      let bytes = Array(query.value.utf8)
      guard visit(bytes.span) else { return }
    }
  }

  func match(_ router: Router, scratch: RouterScratch = RouterScratch()) -> RouteMatch? {
    self.decide(router, scratch: scratch).match
  }

  func decide(_ router: Router, scratch: RouterScratch = RouterScratch()) -> RouteDecision {
    let (method, host, path) = (Array(self.method.utf8), Array(self.host.utf8), Array(self.path.utf8))
    return router.match(
      method: method.span, host: host.span, port: self.port, path: path.span, details: self, scratch: scratch)
  }

  func explain(_ router: Router, limit: Int = 5) -> RouteExplanation {
    let (method, host, path) = (Array(self.method.utf8), Array(self.host.utf8), Array(self.path.utf8))
    return router.explain(
      method: method.span, host: host.span, port: self.port, path: path.span, details: self, limit: limit)
  }
}

/// An id that orders as its number does.
func routeID(_ number: Int) -> EntityID { EntityID(high: 0, low: UInt64(number)) }

/// A route; ids and handles are the number.
func route(_ number: Int, _ change: (inout RouteDefinition) -> Void = { _ in }) -> RouteDefinition {
  var route = RouteDefinition(id: routeID(number), handle: number)
  route.name = "r\(number)"
  change(&route)
  return route
}

/// A route of the expressions flavor, taking any protocol it can.
func route(_ number: Int, expression: String, priority: UInt64 = 0) -> RouteDefinition {
  route(number) {
    $0.expression = expression
    $0.priority = priority
  }
}

extension Router {
  /// A router that must have no problems.
  static func make(_ routes: [RouteDefinition], _ flavor: RouterFlavor = .traditionalCompatible) -> Router {
    self.compile(routes, flavor: flavor).router
  }
}

/// A small seeded generator (SplitMix64).
struct Seeded: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    self.state &+= 0x9E37_79B9_7F4A_7C15
    var z = self.state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }

  mutating func chance(_ percent: Int) -> Bool { Int.random(in: 0..<100, using: &self) < percent }

  mutating func pick<T>(_ items: [T]) -> T { items[Int.random(in: 0..<items.count, using: &self)] }

  /// Some of the items, at least one.
  mutating func some<T>(_ items: [T], atMost: Int) -> [T] {
    Array(items.shuffled(using: &self).prefix(Int.random(in: 1...atMost, using: &self)))
  }
}
