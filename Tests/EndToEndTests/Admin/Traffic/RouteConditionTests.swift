// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// A route whose conditions the router cannot compile is refused where it is written, and never stored to match nothing.
@Suite struct RouteConditionTests {
  private static let flavors = ["traditional_compatible", "traditional", "expressions"]

  private static let shared = Result {
    try Self.flavors.reduce(into: [String: GatewayProcess]()) {
      $0[$1] = try GatewayProcess(administered: nil, settings: ["router_flavor": $1])
    }
  }

  private func send(_ flavor: String, _ method: String, _ target: String, _ route: JSON) throws -> AdminReply {
    try #require(try Self.shared.get()[flavor]).admin(method, target, .json(route))
  }

  @Test(arguments: Self.flavors, ["~*[", "~*(", "~*a{2,1}", "~*(?<n>", "~**", "~*(*UTF)a"])
  func headers(_ flavor: String, _ pattern: String) throws {
    let reply = try self.send(flavor, "POST", "/routes", ["paths": ["/"], "headers": ["x-a": [.string(pattern)]]])
    #expect(reply.status == 400, "\(reply.text)")
    #expect(
      reply.text.contains("headers.x-a: invalid regex: '\(pattern.dropFirst(2))' (PCRE returned: "), "\(reply.text)")
    if flavor != "traditional" { #expect(reply.text.contains("Router Expression failed validation: ")) }
  }

  @Test(arguments: Self.flavors)
  func headersOfARouteThatIsChanged(_ flavor: String) throws {
    let name = "changed-\(flavor.prefix(13))"
    #expect(try self.send(flavor, "POST", "/routes", ["name": .string(name), "paths": ["/"]]).status == 201)
    let bad: JSON = ["headers": ["x-a": ["plain", "~*["]]]
    let whole: JSON = ["paths": ["/"], "headers": ["x-a": ["plain", "~*["]]]
    if flavor != "traditional" {
      #expect(try self.send(flavor, "PATCH", "/routes/\(name)", bad).status == 400)
      #expect(try self.send(flavor, "PUT", "/routes/\(name)", whole).status == 400)
    } else {
      // There a regular expression is one only where it is the only value.
      #expect(try self.send(flavor, "PATCH", "/routes/\(name)", bad).status == 200)
    }
    #expect(try self.send(flavor, "PATCH", "/routes/\(name)", ["headers": ["x-a": ["~*^v[0-9]+$"]]]).status == 200)
  }

  @Test(arguments: Self.flavors, ["~/[", "~/(", "~/a{2,1}", "~/(?<n>a)(?<n>b)"])
  func paths(_ flavor: String, _ pattern: String) throws {
    let reply = try self.send(flavor, "POST", "/routes", ["paths": [.string(pattern)]])
    #expect(reply.status == 400)
    #expect(reply.text.contains("invalid regex: '\(pattern.dropFirst())' (PCRE returned: "), "\(reply.text)")
  }

  @Test(arguments: Self.flavors, ["a*.test", "*.*", "a.test:port", "*"])
  func hosts(_ flavor: String, _ host: String) throws {
    #expect(try self.send(flavor, "POST", "/routes", ["hosts": [.string(host)]]).status == 400)
  }

  @Test(arguments: ["http.path ~ \"[\"", "http.path ==", "http.nothing == \"a\"", "net.src.ip in 10.0.0.0/33", ""])
  func expressions(_ expression: String) throws {
    let reply = try self.send("expressions", "POST", "/routes", ["expression": .string(expression)])
    #expect(reply.status == 400, "\(reply.text)")
  }

  @Test(arguments: Self.flavors)
  func ofFiles(_ flavor: String) throws {
    let folder = try TemporaryFolder()
    let file = try folder.write(
      "_format_version: \"3.0\"\nroutes:\n- {name: bad, paths: [/], headers: {x-a: ['~*[']}}\n", to: "kong.yml")
    let result = try GatewayCommand.run(
      ["config", "parse", file.path], environment: ["GIBBON_ROUTER_FLAVOR": flavor], folder: folder.url)
    #expect(result.exitCode == 1)
    #expect(result.allOutput.contains("headers.x-a: invalid regex: '['"), "\(result.allOutput)")
  }
}
