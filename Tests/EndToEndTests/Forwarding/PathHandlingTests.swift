// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `path_handling` in the traditional flavor, and routes without paths in all of them.
@Suite struct PathHandlingTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let service: String
    let route: String?
    let strips: Bool
    let request: String
    let v0: String
    let v1: String
    var testDescription: String { "\(self.service) \(self.route ?? "-") \(self.strips): \(self.request)" }

    init(_ service: String, _ route: String?, _ strips: Bool, _ request: String, _ v0: String, _ v1: String) {
      (self.service, self.route, self.strips, self.request, self.v0, self.v1) = (
        service, route, strips, request, v0, v1
      )
    }
  }

  static let cases = [
    Case("/", "/route", true, "/route", "/", "/"), Case("/", "/route", true, "/routereq", "/req", "/req"),
    Case("/", "/route", true, "/route/", "/", "/"), Case("/", "/route/", true, "/route/req", "/req", "/req"),
    Case("/srv", "/rou", false, "/roureq", "/srv/roureq", "/srvroureq"),
    Case("/srv", "/rou", true, "/roureq", "/srv/req", "/srvreq"),
    Case("/srv/", "/rou", false, "/rou", "/srv/rou", "/srv/rou"),
    Case("/srv/", "/rou", true, "/rou", "/srv", "/srv/"),
    Case("/srv", "/", true, "/", "/srv", "/srv"), Case("/srv", "/", false, "/", "/srv", "/srv"),
    Case("/srv", "/", true, "/route/", "/srv/route/", "/srvroute/"),
    Case("/srv", "/", false, "/route", "/srv/route", "/srvroute"),
    Case("/srv", "/route", false, "/route", "/srv/route", "/srvroute"),
    Case("/srv", "/route", true, "/route", "/srv", "/srv"), Case("/srv", "/route", true, "/route/", "/srv/", "/srv/"),
    Case("/srv", "/route/", true, "/route/", "/srv/", "/srv"),
    Case("/srv", "/route/", true, "/route/req", "/srv/req", "/srvreq"),
    Case("/srv/", "/route", true, "/routereq", "/srv/req", "/srv/req"),
    Case("/srv/", "/route/", true, "/route/", "/srv/", "/srv/"),
    Case("/srv", "/route", true, "/route./req", "/srv/req", "/srvreq"),
    Case("/srv", "/route", true, "/route%2e%2E/req", "/srv/req", "/srvreq"),
    Case("/srv", "/route", false, "/route../req", "/srv/route../req", "/srvroute../req"),
    // Without paths.
    Case("/", nil, true, "/", "/", "/"), Case("/", nil, false, "/route/", "/route/", "/route/"),
    Case("/srv", nil, true, "/", "/srv", "/srv"), Case("/srv", nil, false, "/", "/srv", "/srv"),
    Case("/srv", nil, true, "/a/..", "/srv", "/srv"), Case("/srv", nil, true, "/?q", "/srv?q", "/srv?q"),
    Case("/srv", nil, true, "//", "/srv", "/srv"), Case("/srv", nil, true, "/route", "/srv/route", "/srvroute"),
    Case("/srv", nil, false, "/route/", "/srv/route/", "/srvroute/"),
    Case("/srv/", nil, true, "/", "/srv/", "/srv/"), Case("/srv/", nil, false, "/", "/srv/", "/srv/"),
    Case("/srv/", nil, true, "/route", "/srv/route", "/srv/route"),
  ]

  private static func gateway(_ flavor: String) throws -> Fixture {
    try Fixture(
      declarative: { port in
        let services = Self.cases.indices.map { index in
          let one = Self.cases[index]
          let routes = ["v0", "v1"].map { handling in
            let paths = one.route.map { "paths: ['\($0)'], " } ?? ""
            return
              "  - {name: r\(index)-\(handling), hosts: ['c\(index).\(handling)'], \(paths)strip_path: \(one.strips), "
              + "path_handling: \(handling)}"
          }
          return "- name: s\(index)\n  url: http://127.0.0.1:\(port)\(one.service)\n  routes:\n"
            + routes.joined(separator: "\n")
        }
        return "_format_version: \"3.0\"\nservices:\n" + services.joined(separator: "\n") + "\n"
      }, settings: ["router_flavor": flavor])
  }

  private static let traditional = Result { try Self.gateway("traditional") }
  private static let compatible = Result { try Self.gateway("traditional_compatible") }

  private func target(_ index: Int, _ handling: String, _ fixture: Fixture) throws -> String? {
    let response = try fixture.gateway.get(Self.cases[index].request, headers: [("Host", "c\(index).\(handling)")])
    return try response.echo().head.word(1)
  }

  @Test(arguments: Self.cases.indices) func joinsAsTheRouteSays(_ index: Int) throws {
    let fixture = try Self.traditional.get()
    #expect(try self.target(index, "v0", fixture) == Self.cases[index].v0)
    #expect(try self.target(index, "v1", fixture) == Self.cases[index].v1)
  }

  @Test(arguments: Self.cases.indices) func knowsOneWayOnlyInTheOtherFlavors(_ index: Int) throws {
    let fixture = try Self.compatible.get()
    #expect(try self.target(index, "v0", fixture) == Self.cases[index].v0)
    #expect(try self.target(index, "v1", fixture) == Self.cases[index].v0)
  }
}
