// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import GibbonTesting
import Testing

/// Clients that speak HTTP/2 to services that do not, with curl, nghttp and h2load.
@Suite struct ClientVersionTests {
  private let origin: Origin
  private let gateway: GatewayProcess
  private var url: String { "http://127.0.0.1:\(self.gateway.port)" }

  init() throws {
    self.origin = try Origin { exchange in
      guard exchange.target == "/echo" else { return try exchange.echo() }
      let body = try exchange.readBody(seconds: 30)
      try exchange.send(Array("HTTP/1.1 200 OK\r\nContent-Length: \(body.count)\r\n\r\n".utf8) + body, seconds: 30)
    }
    self.gateway = try Self.gateway(self.origin)
  }

  static func gateway(_ origin: Origin, _ settings: [String: String] = [:]) throws -> GatewayProcess {
    try GatewayProcess(
      """
      _format_version: "3.0"
      services:
      - {name: s, url: "http://127.0.0.1:\(origin.port)", routes: [{name: r, paths: [/]}]}
      """,
      settings: ["proxy_listen": "127.0.0.1:@PORT@ http2"].merging(settings) { _, given in given })
  }

  private func run(_ script: String) throws -> Shell.Result { try Shell.run(script, in: self.gateway.folder.url) }

  @Test func priorKnowledgeAndHTTP1OnOnePort() throws {
    for (flag, version) in [("--http2-prior-knowledge", "2"), ("--http1.1", "1.1"), ("--http1.0", "1.1")] {
      let result = try self.run("curl -s \(flag) -H 'X-One: 1' -w ' %{http_version} %{http_code}' \(self.url)/a?b=c")
      #expect(result.code == 0 && result.output.hasSuffix(" \(version) 200"), "\(flag): \(result.all)")
      let head = try #require(self.origin.requests.last)
      #expect(head.word(1) == "/a?b=c" && head.all("X-One") == ["1"])
      #expect(head.all("Host") == ["127.0.0.1:\(self.origin.port)"])
    }
    for version in ["2.0", "1.1", "1.0"] {
      _ = try self.gateway.waitForAccessLine("\"GET /a?b=c HTTP/\(version)\" 200")
    }
  }

  @Test func tlsAgreesUponIt() throws {
    let gateway = try Self.gateway(self.origin, ["proxy_listen": "127.0.0.1:@PORT@ http2 ssl"])
    let url = "https://localhost:\(gateway.port)/"
    for (flag, version) in [("--http2", "2"), ("--http1.1", "1.1"), ("--no-alpn", "1.1")] {
      let result = try Shell.run("curl -sk \(flag) -o /dev/null -w '%{http_version}' \(url)", in: gateway.folder.url)
      #expect(result.output == version, "\(flag): \(result.all)")
    }
  }

  @Test func withoutTheFlagThereIsNone() throws {
    let gateway = try Self.gateway(self.origin, ["proxy_listen": "127.0.0.1:@PORT@"])
    let result = try Shell.run(
      "curl -s --http2-prior-knowledge http://127.0.0.1:\(gateway.port)/", in: gateway.folder.url)
    #expect(result.code != 0)
  }

  @Test(arguments: [0, 1, 16_384, 100_000, 3_000_000]) func bodiesArriveWhole(count: Int) throws {
    let script =
      "head -c \(count) /dev/urandom > body && curl -s --http2-prior-knowledge --data-binary @body "
      + "-H 'Content-Type: x/y' \(self.url)/echo -o back -w '%{http_code}' && cmp body back"
    let result = try self.run(script)
    #expect(result.code == 0 && result.output == "200", "\(result.all)")
  }

  /// Of unknown length: chunked for the service.
  @Test func aBodyOfUnknownLengthGoesInChunks() throws {
    let result = try self.run(
      "head -c 300000 /dev/urandom > body; cat body | curl -s --http2-prior-knowledge -T - \(self.url)/echo -o back; "
        + "cmp body back")
    #expect(result.code == 0, "\(result.all)")
    let head = try #require(self.origin.requests.last)
    #expect(head.word(0) == "PUT" && head.all("Transfer-Encoding") == ["chunked"])
  }

  @Test func responsesHaveNoFieldsOfOneHop() throws {
    let result = try self.run("curl -s --http2-prior-knowledge -D - -o /dev/null \(self.url)/")
    let head = result.output.lowercased()
    #expect(head.hasPrefix("http/2 200") && !head.contains("\nconnection:") && !head.contains("transfer-encoding"))
    #expect(head.contains("\nvia: 1.1 kong") && head.contains("\nx-kong-request-id: "))
  }

  @Test func headHasNoBody() throws {
    let result = try self.run("curl -s --http2-prior-knowledge -I \(self.url)/ -w '%{http_code} %{size_download}'")
    #expect(result.code == 0 && result.output.hasSuffix("200 0"), "\(result.all)")
  }

  @Test func manyStreamsOnOneConnection() throws {
    let result = try self.run("h2load -n 20000 -c 2 -m 100 \(self.url)/")
    #expect(result.output.contains("20000 succeeded, 0 failed, 0 errored"), "\(result.all)")
  }

  /// The limit on requests of one connection is told in time: clients lose nothing.
  @Test func aConnectionEndsWithoutLosingRequests() throws {
    let gateway = try Self.gateway(
      self.origin,
      ["proxy_listen": "127.0.0.1:@PORT@ http2 ssl", "nginx_http_keepalive_requests": "50"])
    let result = try Shell.run(
      "curl -sk --http2 -o /dev/null -w '%{http_code}\\n' 'https://127.0.0.1:\(gateway.port)/[1-200]'",
      in: gateway.folder.url)
    #expect(result.output.split(separator: "\n").count == 200, "\(result.all)")
    #expect(result.output.split(separator: "\n").allSatisfy { $0 == "200" })
  }

  @Test func whatHTTP2CannotCarryIsRefused() throws {
    let result = try self.run(
      "nghttp -v -H ':method: CONNECT' \(self.url)/ | head -40; curl -s --http2-prior-knowledge -X TRACE "
        + "-w '%{http_code}' -o /dev/null \(self.url)/")
    #expect(result.output.hasSuffix("405"), "\(result.all)")
  }
}
