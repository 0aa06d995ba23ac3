// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Entities reached through others: `/services/:services/routes`, `/routes/:routes/service` (facts: admin-api.md 2).
@Suite struct AdminRelationTests {
  private typealias Admin = AdminGateway

  /// A service of that name with a route of the same name; their ids.
  private func pair(_ name: String) throws -> (service: String, route: String) {
    let service = try Admin.make("/services", ["name": .string(name), "host": "h"])
    let route = try Admin.make("/services/\(name)/routes", ["name": .string(name), "paths": [.string("/\(name)")]])
    return (service, route)
  }

  @Test func theParentIsReadAndChangedThroughItsChild() throws {
    let (service, route) = try self.pair("foreign-1")
    for name in [route, "foreign-1"] {
      let reply = try Admin.send("GET", "/routes/\(name)/service")
      expect(reply, 200, try Admin.send("GET", "/services/\(service)").json)
    }
    let patched = try Admin.send("PATCH", "/routes/foreign-1/service", .json(["host": "h2"]))
    expect(patched, 200)
    let put = try Admin.send("PUT", "/routes/foreign-1/service", .json(["name": "foreign-1", "host": "h3"]))
    expect(put, 200)
    #expect(put.id == service)
    #expect(try Admin.send("GET", "/services/foreign-1").json["host"] == "h3")
    expect(try Admin.send("DELETE", "/routes/foreign-1/service"), 405, AdminError.notAllowed)
    expect(try Admin.send("PATCH", "/routes/foreign-1/service", .json(["port": "1"])), 400)
  }

  @Test func withoutAParentThereIsNothing() throws {
    try Admin.make("/routes", ["name": "foreign-2", "paths": ["/foreign-2"]])
    for method in ["GET", "PATCH", "DELETE"] {
      expect(try Admin.send(method, "/routes/foreign-2/service", .json(["host": "h"])), 404, AdminError.notFound)
      expect(try Admin.send(method, "/routes/ghost/service", .json(["host": "h"])), 404, AdminError.notFound)
    }
    expect(try Admin.send("PUT", "/routes/ghost/service", .json(["host": "h"])), 404, AdminError.notFound)
  }

  @Test func putMakesAParentAndLinksIt() throws {
    let route = try Admin.make("/routes", ["name": "foreign-3", "paths": ["/foreign-3"]])
    let made = try Admin.send("PUT", "/routes/foreign-3/service", .json(["host": "made.test"]))
    expect(made, 200)
    #expect(try Admin.send("GET", "/routes/\(route)").json["service"] == ["id": .string(made.id)])
    try Admin.make("/routes", ["name": "foreign-4", "paths": ["/foreign-4"]])
    expect(
      try Admin.send("PUT", "/routes/foreign-4/service", .json([:])), 400,
      AdminError.violation("host", "required field missing"))
    #expect(try Admin.send("GET", "/routes/foreign-4").json["service"] == nil)
  }

  @Test func pluginsLeadToAllTheirScopes() throws {
    let (service, route) = try self.pair("foreign-5")
    let plugin = try Admin.make(
      "/plugins", ["name": "correlation-id", "service": ["id": .string(service)], "route": ["id": .string(route)]])
    #expect(try Admin.send("GET", "/plugins/\(plugin)/service").id == service)
    #expect(try Admin.send("GET", "/plugins/\(plugin)/route").id == route)
    expect(try Admin.send("GET", "/plugins/\(plugin)/consumer"), 404, AdminError.notFound)
  }

  @Test func childrenAreListedAndMadeUnderTheirParent() throws {
    let (service, route) = try self.pair("nested-1")
    let child = try Admin.send("GET", "/routes/\(route)").json
    expect(try Admin.send("GET", "/services/nested-1/routes"), 200, ["data": [child], "next": nil])
    let body: JSON = ["paths": ["/x"], "service": ["id": .string(Unknown.id)]]
    let made = try Admin.send("POST", "/services/nested-1/routes", .json(body))
    expect(made, 201)
    #expect(made.json["service"] == ["id": .string(service)])
    expect(try Admin.send("GET", "/services/nested-1/routes/\(made.id)"), 200, made.json)
    let patched = try Admin.send("PATCH", "/services/nested-1/routes/\(made.id)", .json(["paths": ["/y"]]))
    expect(patched, 200)
    #expect(patched.json["service"] == ["id": .string(service)])
    expect(try Admin.send("DELETE", "/services/nested-1/routes/\(made.id)"), 204)
    expect(try Admin.send("DELETE", "/services/nested-1/routes/\(made.id)"), 404, AdminError.notFound)
  }

  @Test func whatIsNotTheParentsIsNotFound() throws {
    let (_, route) = try self.pair("nested-2")
    _ = try self.pair("nested-3")
    for name in [route, "nested-2", Unknown.id, "ghost"] {
      for method in ["GET", "PATCH", "DELETE"] {
        expect(
          try Admin.send(method, "/services/nested-3/routes/\(name)", .json([:])), 404, AdminError.notFound)
      }
    }
    expect(try Admin.send("GET", "/routes/nested-2"), 200)
  }

  @Test func anUnknownParentIsNotFoundWhateverTheBody() throws {
    for parent in ["ghost", Unknown.id] {
      for (method, tail) in [
        ("GET", ""), ("POST", ""), ("GET", "/x"), ("PATCH", "/x"), ("PUT", "/x"), ("DELETE", "/x"),
      ] {
        expect(
          try Admin.send(method, "/services/\(parent)/routes\(tail)", .json(["nope": 1])), 404, AdminError.notFound)
      }
    }
  }

  @Test func nestedPutMakesOrMoves() throws {
    let (_, route) = try self.pair("nested-4")
    let (target, _) = try self.pair("nested-5")
    let moved = try Admin.send("PUT", "/services/nested-5/routes/\(route)", .json(["paths": ["/moved"]]))
    expect(moved, 200)
    #expect(moved.json["service"] == ["id": .string(target)])
    let made = try Admin.send("PUT", "/services/nested-5/routes/nested-5-new", .json(["paths": ["/new"]]))
    expect(made, 200)
    #expect(made.json["name"] == "nested-5-new" && made.json["service"] == ["id": .string(target)])
    expect(try Admin.send("PUT", "/services/nested-5/routes/nested-5-new", .json(["paths": "/x"])), 400)
  }

  @Test func nestedPatchMayMove() throws {
    let (_, route) = try self.pair("nested-6")
    let (target, _) = try self.pair("nested-7")
    let reply = try Admin.send(
      "PATCH", "/services/nested-6/routes/\(route)", .json(["service": ["id": .string(target)]]))
    expect(reply, 200)
    #expect(reply.json["service"] == ["id": .string(target)])
    expect(try Admin.send("GET", "/services/nested-6/routes/\(route)"), 404)
  }
}
