// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonRouting

/// A request of a table, and the route that must win.
struct Sample {
  var method: [UInt8] = Array("GET".utf8)
  var host: [UInt8] = Array("api.example.com".utf8)
  var path: [UInt8]
  var headers: [(String, [UInt8])] = []
  let handle: Int
}

/// Routes of one shape.
struct Table {
  let name: String
  let routes: [RouteDefinition]
  let samples: [Sample]

  static let sampleCount = 20_000

  /// The shapes, and up to how many routes each makes sense.
  static let shapes: [(name: String, limit: Int, make: @Sendable (Int) -> Table)] = [
    ("host + path", .max, { Table.hostAndPath($0) }), ("REST paths", .max, { Table.rest($0) }),
    ("header values", .max, { Table.headers($0) }), ("method + two headers", .max, { Table.methodsAndHeader($0) }),
    ("regex paths", 100_000, { Table.regexes($0) }), ("regex tails", 100_000, { Table.regexTails($0) }),
  ]

  private static func route(_ number: Int) -> RouteDefinition {
    let id = EntityID(high: UInt64(number) &* 0x9E37_79B9_7F4A_7C15, low: UInt64(number))
    return RouteDefinition(id: id, handle: number)
  }

  /// Every n-th route, spread over the whole table.
  private static func samples(_ size: Int, _ make: (Int) -> Sample) -> [Sample] {
    (0..<min(size, self.sampleCount)).map { index in
      make(Int((UInt64(index) &* 2_654_435_761) % UInt64(size)))
    }
  }

  static func hostAndPath(_ size: Int) -> Table {
    func host(_ number: Int) -> String { "svc-\(number / 4).example.com" }
    func path(_ number: Int) -> String { "/v\(number % 4)/orders" }
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.hosts = [host(number)]
      route.paths = [path(number)]
      return route
    }
    return Table(
      name: "host + path", routes: routes,
      samples: self.samples(size) {
        Sample(host: Array(host($0).utf8), path: Array((path($0) + "/77/items").utf8), handle: $0)
      })
  }

  static func rest(_ size: Int) -> Table {
    let resources = ["users", "orders", "invoices", "products", "carts", "payments", "sessions", "reports"]
    func path(_ number: Int) -> String {
      "/api/v\(number % 3 + 1)/tenant-\(number / 24)/\(resources[number / 3 % 8])"
    }
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.paths = [path(number)]
      return route
    }
    return Table(
      name: "REST paths", routes: routes,
      samples: self.samples(size) {
        Sample(path: Array((path($0) + "/9f31/detail").utf8), handle: $0)
      })
  }

  static func headers(_ size: Int) -> Table {
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.paths = ["/shared"]
      route.headers = ["X-Tenant": ["tenant-\(number)"]]
      return route
    }
    return Table(
      name: "header values", routes: routes,
      samples: self.samples(size) {
        Sample(path: Array("/shared/x".utf8), headers: [("x_tenant", Array("tenant-\($0)".utf8))], handle: $0)
      })
  }

  static func methodsAndHeader(_ size: Int) -> Table {
    let methods = ["GET", "POST", "PUT", "PATCH", "DELETE"]
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.hosts = ["api.example.com"]
      route.methods = [methods[number % 5]]
      route.headers = ["X-Env": ["prod"], "X-Tenant": ["tenant-\(number / 5)"]]
      return route
    }
    return Table(
      name: "method + two headers", routes: routes,
      samples: self.samples(size) {
        Sample(
          method: Array(methods[$0 % 5].utf8), path: Array("/".utf8),
          headers: [("x_env", Array("prod".utf8)), ("x_tenant", Array("tenant-\($0 / 5)".utf8))], handle: $0)
      })
  }

  static func regexes(_ size: Int) -> Table {
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.paths = ["~/api/v1/resource\(number)/\\d+/parts/(?<part>[a-z]+)$"]
      return route
    }
    return Table(
      name: "regex paths", routes: routes,
      samples: self.samples(size) {
        Sample(path: Array("/api/v1/resource\($0)/1234/parts/wheel".utf8), handle: $0)
      })
  }

  static func regexTails(_ size: Int) -> Table {
    let routes = (0..<size).map { number in
      var route = self.route(number)
      route.paths = ["~/tenants/(?<tenant>[^/]+)/things-\(number)/\\w+$"]
      return route
    }
    return Table(
      name: "regex tails", routes: routes,
      samples: self.samples(size) {
        Sample(path: Array("/tenants/acme/things-\($0)/list".utf8), handle: $0)
      })
  }
}
