// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Synchronization
import Testing

/// The proxy-cache plugin (facts: plugins.md 3). Each test has paths of its own, as all share one store.
@Suite struct ProxyCacheTests {
  private static let shared = Result { try Fixture(declarative: Self.declarative, handler: Self.answer) }

  private static func declarative(port: Int) -> String {
    let routes = [
      ("plain", ""), ("control", "cache_control: true, storage_ttl: 1000"),
      ("brief", "cache_ttl: 1, storage_ttl: 1000"),
      ("varied", "vary_query_params: [a], vary_headers: [x-vary]"), ("posts", "request_method: [POST]"),
      ("quiet", "response_headers: {age: false, X-Cache-Status: false, X-Cache-Key: false}"),
    ]
    let lines = routes.map { name, config in
      """
        - name: \(name)
          paths: [/\(name)]
          plugins:
          - {name: proxy-cache, config: {strategy: memory, \(config)}}
      """
    }
    return """
      _format_version: "3.0"
      services:
      - name: origin
        url: http://127.0.0.1:\(port)
        routes:
      \(lines.joined(separator: "\n"))
        - name: guarded
          paths: [/guarded]
          plugins:
          - {name: key-auth}
          - {name: proxy-cache, config: {strategy: memory}}
      consumers:
      - {username: ann, keyauth_credentials: [{key: ann}]}
      - {username: bob, keyauth_credentials: [{key: bob}]}
      """
  }

  private static let plain = ("Content-Type", "text/plain")
  /// Over the limit of what one response may have.
  private static let large = [UInt8](repeating: UInt8(ascii: "l"), count: 5 << 20)
  /// Not text: begins like gzip's.
  private static let binary: [UInt8] = [0x1F, 0x8B, 8, 0] + (0..<2000).map { UInt8(truncatingIfNeeded: $0 * 7) }
  private static let half = Gate()

  /// By the path behind the route's: `/die/2` dies the first two times.
  private static func answer(_ exchange: Exchange) throws {
    let path = exchange.target.prefix { $0 != "?" }
    let head = "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
    switch path.split(separator: "/").first ?? "" {
    case "status": try exchange.respond(418, headers: [Self.plain], body: "teapot")
    case "html": try exchange.respond(headers: [("Content-Type", "text/html")], body: "x")
    case "fresh": try exchange.respond(headers: [Self.plain, ("Cache-Control", "max-age=1000")], body: exchange.target)
    case "private": try exchange.respond(headers: [Self.plain, ("Cache-Control", "private")], body: "x")
    case "headers":
      let fields = [Self.plain, ("Server", "origin/9"), ("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("X-A", "1")]
      try exchange.respond(404, headers: fields + [("X-A", "2"), ("Connection", "x-b"), ("X-B", "3")], body: "none")
    case "tagged": try exchange.respond(headers: [Self.plain, ("ETag", "\"v1\"")], body: "tagged")
    case "gzip":
      _ = try exchange.readBody()
      try exchange.send("\(head)Content-Encoding: gzip\r\nContent-Length: \(Self.binary.count)\r\n\r\n")
      try exchange.send(Self.binary)
    case "chunked": try exchange.send("\(head)Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n4\r\ndefg\r\n0\r\n\r\n")
    case "close":
      try exchange.send("\(head)Connection: close\r\n\r\nto the end")
      exchange.close()
    case "large":
      try exchange.send("\(head)\(path.hasSuffix("known") ? "Content-Length: \(Self.large.count)" : "X: y")\r\n\r\n")
      try exchange.send(Self.large, seconds: 20)
      exchange.close()
    case "die":
      if exchange.head["X-Live"] != nil { return try exchange.respond(headers: [Self.plain], body: "whole") }
      let framing =
        path.hasSuffix("chunked")
        ? "Transfer-Encoding: chunked\r\n\r\n5\r\nwhole\r\n" : "Content-Length: 9\r\n\r\nwhole"
      try exchange.send(head + framing)
      exchange.close()
    case "half":
      if exchange.head["X-Live"] != nil { return try exchange.respond(headers: [Self.plain], body: "whole") }
      try exchange.send("\(head)Content-Length: 10\r\n\r\nwhole")
      try Self.half.wait()
      try? exchange.send("whole")
      exchange.close()
    default: try exchange.respond(headers: [Self.plain], body: exchange.target + (exchange.head["X-Vary"] ?? ""))
    }
  }

  private var gateway: GatewayProcess { get throws { try Self.shared.get().gateway } }

  private func get(_ target: String, _ headers: (String, String)...) throws -> Response {
    try self.gateway.get(target, headers: headers)
  }

  private func statuses(_ targets: String..., headers: [(String, String)] = []) throws -> [String?] {
    try targets.map { try self.gateway.get($0, headers: headers)["X-Cache-Status"] }
  }

  /// How often the service was asked for this.
  private func count(_ target: String) throws -> Int {
    try Self.shared.get().origin.requests.count { $0.word(1) == target }
  }

  // MARK: Missing and hitting

  @Test func theServiceIsAskedOnce() throws {
    let first = try self.get("/plain/once?a=1")
    #expect(first.status == 200 && first.text == "/once?a=1" && first["X-Cache-Status"] == "Miss")
    #expect(first["Content-Length"] == "9" && first["Transfer-Encoding"] == nil && first["Age"] == nil)
    let key = try #require(first["X-Cache-Key"])
    #expect(key.count == 64)
    // Whichever loop the connection falls to.
    for _ in 0..<8 {
      let again = try self.get("/plain/once?a=1")
      #expect(again.status == 200 && again.text == "/once?a=1" && again["X-Cache-Status"] == "Hit")
      #expect(again["X-Cache-Key"] == key && Int(again["Age"] ?? "") != nil && again["Content-Length"] == "9")
    }
    #expect(try self.count("/once?a=1") == 1)
  }

  @Test func headersAreThoseOfTheServiceAndOfAProxy() throws {
    for status in ["Miss", "Hit"] {
      let response = try self.get("/plain/headers")
      #expect(response.status == 404 && response.text == "none" && response["X-Cache-Status"] == status)
      #expect(response.head.all("Server") == ["origin/9"] && response.head.all("X-A") == ["1", "2"])
      #expect(response.head.all("Date") == ["Sun, 06 Nov 1994 08:49:37 GMT"] && response["X-B"] == nil)
      #expect(response.head.all("Via") == ["1.1 kong/3.9.3"] && response["X-Kong-Response-Latency"] == nil)
      #expect(
        Int(response["X-Kong-Upstream-Latency"] ?? "") != nil && Int(response["X-Kong-Proxy-Latency"] ?? "") != nil)
      #expect(
        response.head.all("X-Kong-Request-Id").count == 1 && response["Content-Type"] == "text/plain; charset=UTF-8")
    }
  }

  @Test func someRequestsAndResponsesAreBypassed() throws {
    #expect(try self.gateway.send("POST", "/plain/post", body: "x")["X-Cache-Status"] == "Bypass")
    #expect(
      try self.statuses("/plain/status", "/plain/status", "/plain/html", "/plain/html") == [
        "Bypass", "Bypass", "Bypass", "Bypass",
      ])
    #expect(try self.count("/status") == 2)
  }

  @Test func theKeyIsWhatIsConfigured() throws {
    #expect(
      try self.statuses("/plain/q?a=1&b=2", "/plain/q?b=2&a=1", "/plain/q?a=1", "/plain/q") == [
        "Miss", "Hit", "Miss", "Miss",
      ])
    #expect(try self.statuses("/varied/q?a=1&b=2", "/varied/q?a=1&b=3", "/varied/q?a=2") == ["Miss", "Hit", "Miss"])
    #expect(try self.statuses("/varied/h", "/varied/h", headers: [("X-Vary", "1")]) == ["Miss", "Hit"])
    #expect(try self.statuses("/varied/h", "/varied/h", headers: [("x-vary", "2")]) == ["Miss", "Hit"])
    #expect(try self.get("/varied/h", ("X-Vary", "1")).text == "/h1")
  }

  /// A client cannot put a response under a request that others make.
  @Test func separatorsAreNotForged() throws {
    #expect(try self.get("/plain/forged?a=1%3Ab%3D2").text == "/forged?a=1%3Ab%3D2")
    #expect(try self.get("/plain/forged?a=1&b=2").text == "/forged?a=1&b=2")
  }

  @Test func consumersDoNotShare() throws {
    #expect(try self.get("/guarded/c").status == 401)
    for status in ["Miss", "Hit"] {
      for name in ["ann", "bob"] {
        #expect(try self.get("/guarded/c", ("apikey", name))["X-Cache-Status"] == status, "\(name)")
      }
    }
    #expect(try self.get("/guarded/c").status == 401)
  }

  @Test func headersAreHiddenUnlessDebugged() throws {
    for _ in 0..<2 {
      let response = try self.get("/quiet/x")
      #expect(["Age", "X-Cache-Status", "X-Cache-Key"].allSatisfy { response[$0] == nil })
    }
    let debugged = try self.get("/quiet/x", ("Kong-Debug", "1"))
    #expect(debugged["X-Cache-Status"] == "Hit" && debugged["Age"] != nil && debugged["X-Cache-Key"] != nil)
  }

  @Test func aClientIsNotSentWhatItHas() throws {
    #expect(try self.statuses("/plain/tagged") == ["Miss"])
    let client = try RawClient(port: self.gateway.port)
    for (tag, status) in [("\"v1\"", 304), ("\"v2\"", 200), ("W/\"v1\"", 304)] {
      try client.request("GET", "/plain/tagged", headers: [("If-None-Match", tag)])
      let response = try client.response()
      #expect(response.status == status && response["X-Cache-Status"] == "Hit" && response["ETag"] == "\"v1\"")
      #expect(response.text == (status == 304 ? "" : "tagged"))
    }
  }

  // MARK: Freshness

  @Test func clientsAskForFresherResponses() throws {
    #expect(try self.statuses("/control/fresh", "/control/fresh") == ["Miss", "Hit"])
    #expect(try self.get("/control/fresh", ("Cache-Control", "min-fresh=5000"))["X-Cache-Status"] == "Refresh")
    #expect(try self.get("/control/fresh", ("Cache-Control", "no-cache"))["X-Cache-Status"] == "Bypass")
    #expect(try self.get("/control/fresh", ("Authorization", "x"))["X-Cache-Status"] == "Bypass")
    #expect(try self.count("/fresh") == 4)
    #expect(
      try self.statuses("/control/private", "/control/private", "/control/none") == ["Bypass", "Bypass", "Bypass"])
    let only = try self.get("/control/fresh?2", ("Cache-Control", "only-if-cached"))
    #expect(
      only.status == 504 && only.text.hasPrefix("The upstream server is timing out\n") && only["X-Cache-Status"] == nil)
    #expect(try self.count("/fresh?2") == 0)
    #expect(try self.get("/control/fresh", ("Cache-Control", "only-if-cached"))["X-Cache-Status"] == "Hit")
  }

  @Test func whatIsNoLongerFreshIsAskedForAgain() throws {
    #expect(try self.statuses("/brief/x") == ["Miss"])
    var last: String?
    try Deadline.wait(for: "a refresh") {
      last = (try? self.get("/brief/x"))?["X-Cache-Status"]
      return last != "Hit"
    }
    #expect(last == "Refresh")
  }

  // MARK: Bodies

  @Test func headGoesToTheServiceAndKeepsItsLength() throws {
    #expect(try self.statuses("/plain/head") == ["Miss"])
    for _ in 0..<2 {
      let response = try self.gateway.send("HEAD", "/plain/head")
      #expect(response["X-Cache-Status"] == "Miss" && response["Content-Length"] == "5")
    }
    #expect(try self.count("/head") == 3)
    #expect(try self.statuses("/plain/head") == ["Hit"])
  }

  @Test func encodedBodiesAreKeptByteForByte() throws {
    for status in ["Miss", "Hit"] {
      let response = try self.get("/plain/gzip")
      #expect(response["X-Cache-Status"] == status && response["Content-Encoding"] == "gzip")
      #expect(response.body == Self.binary)
    }
  }

  @Test(arguments: [("chunked", "abcdefg"), ("close", "to the end")])
  func bodiesWithoutALengthAreKept(path: String, text: String) throws {
    let first = try self.get("/plain/\(path)")
    #expect(first["X-Cache-Status"] == "Miss" && first.text == text && first["Content-Length"] == nil)
    let second = try self.get("/plain/\(path)")
    #expect(second["X-Cache-Status"] == "Hit" && second.text == text)
    #expect(second.head.all("Content-Length") == ["\(text.utf8.count)"] && second["Transfer-Encoding"] == nil)
  }

  @Test func bodiesOfPostsAreRead() throws {
    for (body, status) in [("a", "Miss"), ("b", "Miss"), ("a", "Hit"), ("b", "Hit")] {
      #expect(try self.gateway.send("POST", "/posts/x", body: body)["X-Cache-Status"] == status)
    }
    #expect(try self.get("/posts/x")["X-Cache-Status"] == "Bypass")
  }

  @Test(arguments: ["length", "chunked"]) func whatTheServiceCutsShortIsNotKept(how: String) throws {
    for _ in 0..<2 {
      let client = try RawClient(port: self.gateway.port)
      try client.request("GET", "/plain/die/\(how)")
      #expect(throws: HarnessError.self) { try client.response() }
    }
    let whole = try self.get("/plain/die/\(how)", ("X-Live", "1"))
    #expect(whole["X-Cache-Status"] == "Miss" && whole.text == "whole")
    #expect(try self.get("/plain/die/\(how)").text == "whole")
    #expect(try self.count("/die/\(how)") == 3)
  }

  @Test func whatTheClientCutsShortIsNotKept() throws {
    let client = try RawClient(port: self.gateway.port)
    try client.request("GET", "/plain/half")
    #expect(try client.reader.readHead().word(1) == "200")
    client.close()
    let line = try self.gateway.waitForAccessLine("GET /plain/half ")
    #expect(line.contains(" 499 "))
    Self.half.open()
    let whole = try self.get("/plain/half", ("X-Live", "1"))
    #expect(whole["X-Cache-Status"] == "Miss" && whole.text == "whole")
  }

  @Test(arguments: ["known", "unknown"]) func whatIsTooLargePassesAndIsNotKept(length: String) throws {
    for _ in 0..<2 {
      let response = try self.gateway.get("/plain/large/\(length)", seconds: 20)
      #expect(response["X-Cache-Status"] == "Miss" && response.body == Self.large)
    }
  }

  // MARK: Many at once

  @Test func manyConnectionsShareTheCache() throws {
    let gateway = try self.gateway
    let wrong = Mutex<[String]>([])
    let hits = Mutex(0)
    DispatchQueue.concurrentPerform(iterations: 8) { worker in
      do {
        let client = try RawClient(port: gateway.port)
        for number in 0..<100 {
          let target = "/many?\((number + worker) % 10)"
          try client.request("GET", "/plain\(target)")
          let response = try client.response()
          if response.text != target { wrong.withLock { $0.append("\(target): \(response.text)") } }
          if response["X-Cache-Status"] == "Hit" { hits.withLock { $0 += 1 } }
        }
      } catch {
        wrong.withLock { $0.append("\(error)") }
      }
    }
    #expect(wrong.withLock { $0 } == [])
    let asked = try Self.shared.get().origin.requests.count { $0.word(1).hasPrefix("/many?") }
    #expect(asked + hits.withLock { $0 } == 800 && (10...80).contains(asked))
  }
}
