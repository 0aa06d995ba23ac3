// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonTesting
import Synchronization
import Testing

@testable import GibbonPluginAPI
@testable import GibbonPlugins

/// The http-log plugin, with a real server behind it.
@Suite struct HTTPLogTests {
  private typealias Body = (head: MessageHead, body: String)

  /// A server that keeps what it gets and answers with the next of some statuses, then with 200.
  private final class Server: Sendable {
    private let bodies = Mutex<[Body]>([])
    let origin: GibbonTesting.Origin

    init(_ statuses: [Int] = []) throws {
      let statuses = Mutex(statuses)
      let bodies = Mutex<(@Sendable (Body) -> Void)?>(nil)
      self.origin = try GibbonTesting.Origin { exchange in
        let body = String(decoding: try exchange.readBody(), as: UTF8.self)
        bodies.withLock { $0 }?((exchange.head, body))
        let status = statuses.withLock { $0.isEmpty ? 200 : $0.removeFirst() }
        try exchange.respond(status, body: "an answer")
      }
      bodies.withLock { $0 = { [weak self] body in self?.bodies.withLock { $0.append(body) } } }
    }

    var all: [Body] { self.bodies.withLock { $0 } }

    func wait(_ count: Int) async throws -> [Body] {
      try await eventually("\(count) requests") { self.all.count >= count }
      return self.all
    }
  }

  private static func config(_ server: Server, _ others: JSONObject = [:], path: String = "/log") -> JSONValue {
    var config: JSONObject = ["http_endpoint": .string("http://127.0.0.1:\(server.origin.port)\(path)")]
    for member in others { config[member.key] = member.value }
    return .object(config)
  }

  @Test func aRequestIsPosted() async throws {
    let server = try Server()
    let plugin = try instance(
      HTTPLogPlugin.self, Self.config(server, ["headers": ["X-Key": "k"], "custom_fields_by_lua": ["a.b": "return 1"]]))
    try log(plugin, try finished("/x"))
    let seen = try #require(try await server.wait(1).first)
    #expect(seen.head.startLine == "POST /log HTTP/1.1")
    #expect(seen.head.all("Content-Type") == ["application/json"] && seen.head.all("X-Key") == ["k"])
    #expect(seen.head.all("Content-Length") == ["\(seen.body.utf8.count)"])
    #expect(seen.head.all("Host") == ["127.0.0.1:\(server.origin.port)"] && seen.head["Authorization"] == nil)
    let value = try parsed(seen.body.utf8)
    #expect(value["request"]?["uri"] == "/x" && value["a"] == ["b": 1])
  }

  @Test func methodTypeAndUserAreSent() async throws {
    let server = try Server()
    let config: JSONObject = [
      "http_endpoint": .string("http://bob:p@ss@127.0.0.1:\(server.origin.port)/a b?dropped=1"), "method": "PUT",
      "content_type": "application/json; charset=utf-8",
    ]
    try log(try instance(HTTPLogPlugin.self, .object(config)), try finished())
    let head = try #require(try await server.wait(1).first).head
    #expect(head.startLine == "PUT /a%20b HTTP/1.1")
    #expect(head.all("Content-Type") == ["application/json; charset=utf-8"])
    #expect(head.all("Authorization") == ["Basic Ym9iOnBAc3M="])
  }

  @Test func batchesAreArrays() async throws {
    let server = try Server()
    let plugin = try instance(
      HTTPLogPlugin.self, Self.config(server, ["queue": ["max_batch_size": 3, "max_coalescing_delay": 3600]]))
    for number in 0..<3 { try log(plugin, try finished("/\(number)")) }
    let body = try #require(try await server.wait(1).first).body
    #expect(try parsed(body.utf8).arrayValue?.map { $0["request"]?["uri"] } == ["/0", "/1", "/2"])
  }

  @Test func theOldNamesOfQueueParametersWork() async throws {
    let server = try Server()
    let reports = Reports()
    let plugin = try instance(
      HTTPLogPlugin.self, Self.config(server, ["queue_size": 2, "flush_timeout": 3000, "retry_count": 3]),
      host: reports.host)
    for _ in 0..<2 { try log(plugin, try finished()) }
    let body = try #require(try await server.wait(1).first).body
    #expect(try parsed(body.utf8).arrayValue?.count == 2)
    #expect(reports.lines.count == 3 && reports.has("the queue_size parameter is deprecated"))
  }

  @Test func aRefusedLogIsSentAgain() async throws {
    let server = try Server([500, 301, 404])
    let reports = Reports()
    let plugin = try instance(
      HTTPLogPlugin.self, Self.config(server, ["queue": ["initial_retry_delay": 0.001, "max_retry_delay": 0.001]]),
      host: reports.host)
    try log(plugin, try finished("/again"))
    let seen = try await server.wait(4)
    #expect(Set(seen.map(\.body)).count == 1)
    #expect(seen.map { $0.head.word(1) } == ["/log", "/log", "/log", "/log"])
    #expect(server.origin.connectionCount == 1)
    #expect(
      reports.has("request to 127.0.0.1:\(server.origin.port) returned status code 500 and body an answer"))
  }

  @Test func theCertificateOfTheServerIsNotLookedAt() async throws {
    let server = try await TLSReceiver(reply: "HTTP/1.1 204 No Content\r\n\r\n")
    let reports = Reports()
    let host = reports.host
    let plugin = try instance(
      HTTPLogPlugin.self, ["http_endpoint": .string("https://127.0.0.1:\(server.port)/tls")], host: host)
    try log(plugin, try finished("/secret"))
    let text = try await server.text(endingWith: "}")
    #expect(text.hasPrefix("POST /tls HTTP/1.1\r\n") && text.contains("/secret"))
    await host.finish(withinSeconds: 30)
    #expect(reports.lines.isEmpty)
    try await server.close()
  }

  @Test func aServerThatIsNotThereIsReported() async throws {
    let closed = try ListeningSocket(backlog: nil)
    let reports = Reports()
    let plugin = try instance(
      HTTPLogPlugin.self,
      ["http_endpoint": .string("http://127.0.0.1:\(closed.port)/"), "queue": ["max_retry_time": -1]],
      host: reports.host)
    try log(plugin, try finished())
    try await eventually("the loss") { reports.has("1 queue entries were lost") }
    #expect(reports.has("failed request to 127.0.0.1:\(closed.port): Connection refused"), "\(reports.lines)")
  }

  @Test func aServerThatDoesNotAnswerIsGivenUp() async throws {
    let origin = try GibbonTesting.Origin { try $0.waitForClose() }
    let reports = Reports()
    let plugin = try instance(
      HTTPLogPlugin.self,
      [
        "http_endpoint": .string("http://127.0.0.1:\(origin.port)/"), "timeout": 50, "queue": ["max_retry_time": -1],
      ], host: reports.host)
    try log(plugin, try finished())
    try await eventually("the loss") { reports.has("1 queue entries were lost") }
  }

  // MARK: Configuration

  static let refused: [(JSONObject, String)] = [
    ([:], "required field missing"), (["http_endpoint": "nowhere"], "missing host in url"),
    (["http_endpoint": "http://a.test", "method": "GET"], "expected one of: POST, PUT, PATCH"),
    (["http_endpoint": "http://a.test", "content_type": "text/plain"], "expected one of: application/json"),
    (["http_endpoint": "http://a.test", "headers": ["X": ""]], "length must be at least 1"),
    (["http_endpoint": "http://a.test", "headers": ["hOST": "x"]], "cannot contain 'Host' header"),
    (["http_endpoint": "http://a.test", "headers": ["coNTEnt-Length": "1"]], "cannot contain 'Content-Length' header"),
    (["http_endpoint": "http://a.test", "headers": ["coNTEnt-Type": "1"]], "cannot contain 'Content-Type' header"),
    (
      ["http_endpoint": "http://hi:there@a.test/p", "headers": ["AuthoRIZATion": "1"]],
      "specifying both an 'Authorization' header and user info in 'http_endpoint' is not allowed"
    ),
  ]

  @Test(arguments: Self.refused) func refusedConfigurations(config: JSONObject, message: String) {
    #expect(outcome("http-log", .object(config)).contains(message), "\(outcome("http-log", .object(config)))")
  }

  @Test(
    arguments: [
      ("ftp://a.test/", "the scheme must be http or https"), ("http://a.test:99999/", "invalid port"),
      ("http://a.test:x/", "invalid port"),
    ]) func endpointsThatCannotBeUsed(endpoint: String, message: String)
  {
    #expect { try LogEndpoint(endpoint) } throws: { "\($0)".contains(message) }
  }

  @Test(
    arguments: [
      ("http://a.test", "http://a.test:80/", nil), ("https://a.test/p/q", "https://a.test:443/p/q", nil),
      ("https://[::1]:8443/x", "https://[::1]:8443/x", nil), ("http://u@a.test/", "http://a.test:80/", "Basic dQ=="),
      ("http://:@a.test/", "http://a.test:80/", "Basic Og=="),
      ("http://a.test/{é}?q#f", "http://a.test:80/%7B%C3%A9%7D", nil), ("HTTP://A.test/@x", "http://A.test:80/@x", nil),
    ] as [(String, String, String?)]) func endpoints(text: String, url: String, authorization: String?) throws
  {
    let endpoint = try LogEndpoint(text)
    #expect(endpoint.url == url && endpoint.authorization == authorization)
  }
}
