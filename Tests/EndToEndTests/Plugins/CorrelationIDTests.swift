// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// The correlation-id plugin (facts: plugins.md 5).
@Suite struct CorrelationIDTests {
  private static let shared = Result {
    try Fixture(
      declarative: { port in
        let configurations = [
          ("default", "{}"), ("uuid", "{generator: uuid, echo_downstream: true}"),
          ("counter", "{generator: \"uuid#counter\", echo_downstream: true}"),
          ("tracker", "{generator: tracker, echo_downstream: true}"),
          ("named", "{header_name: X-Trace, generator: uuid, echo_downstream: true}"),
        ]
        let routes = configurations.map { name, configuration in
          "  - {name: \(name), paths: [/\(name)], plugins: [{name: correlation-id, config: \(configuration)}]}\n"
        }
        return """
          _format_version: "3.0"
          services:
          - name: origin
            url: http://127.0.0.1:\(port)
            routes:
          \(routes.joined())
          """
      }, settings: ["nginx_worker_processes": "1"])
  }

  private func get(_ target: String, _ headers: [(String, String)] = []) throws -> Response {
    try Self.shared.get().gateway.get(target, headers: headers)
  }

  private func identifier(_ path: String, header: String = "Kong-Request-ID") throws -> String {
    let response = try self.get(path)
    let upstream = try response.echo().head.all(header)
    #expect(upstream.count == 1)
    #expect(response.head.all(header) == upstream, "echoed downstream")
    return upstream.first ?? ""
  }

  private static let uuid = #"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"#

  @Test func uuidIsFreshEachTime() throws {
    let pattern = try Regex("^\(Self.uuid)$")
    let first = try self.identifier("/uuid")
    let second = try self.identifier("/uuid")
    #expect(first.firstMatch(of: pattern) != nil, "\(first)")
    #expect(first != second)
  }

  @Test func counterCountsOnTheWorkersOwnUUID() throws {
    let pattern = try Regex("^\(Self.uuid)#[0-9]+$")
    let first = try self.identifier("/counter")
    let second = try self.identifier("/counter")
    #expect(first.firstMatch(of: pattern) != nil, "\(first)")
    let (one, two) = (first.split(separator: "#"), second.split(separator: "#"))
    #expect(one.first == two.first)
    #expect((two.last.flatMap { Int($0) } ?? 0) > (one.last.flatMap { Int($0) } ?? .max))
  }

  @Test func trackerNamesAddressPortProcessConnectionAndTime() throws {
    let gateway = try Self.shared.get().gateway
    let identifier = try self.identifier("/tracker")
    let pattern = try Regex(#"^127\.0\.0\.1-\#(gateway.port)-[0-9]+-[0-9]+-1-[0-9]{10}\.[0-9]{3}$"#)
    #expect(identifier.firstMatch(of: pattern) != nil, "\(identifier)")
  }

  @Test func headerNameIsConfigurable() throws {
    #expect(try self.identifier("/named", header: "X-Trace").utf8.count == 36)
    #expect(try self.get("/named").echo().head["Kong-Request-ID"] == nil)
  }

  @Test func incomingIdentifierIsKept() throws {
    let response = try self.get("/uuid", [("kong-request-id", "mine")])
    #expect(try response.echo().head.all("Kong-Request-ID") == ["mine"])
    #expect(response["Kong-Request-ID"] == "mine")
  }

  @Test func emptyIncomingIdentifierIsReplaced() throws {
    let response = try self.get("/uuid", [("Kong-Request-ID", "")])
    #expect(try response.echo().head.all("Kong-Request-ID").map(\.utf8.count) == [36])
  }

  @Test func defaultIsACounterThatTheClientDoesNotSee() throws {
    let response = try self.get("/default")
    #expect(try response.echo().head["Kong-Request-ID"]?.contains("#") == true)
    #expect(response["Kong-Request-ID"] == nil)
  }
}
