// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Control bytes in the value of a field, whoever put them there, never leave the gateway: neither towards services nor
/// towards clients. They arrive percent-encoded, and so add no field and end no message.
@Suite struct ControlByteTests {
  /// Every control byte but HTAB, and how it may leave.
  private static let controls: [UInt8] = Array(0...8) + Array(10...31) + [127]

  private static func expectClean(_ head: MessageHead) {
    let bytes = head.raw
    for index in bytes.indices where bytes[index] < 0x20 && bytes[index] != 9 || bytes[index] == 0x7F {
      let isLineEnd =
        bytes[index] == 13 && index + 1 < bytes.count && bytes[index + 1] == 10
        || bytes[index] == 10 && index > 0 && bytes[index - 1] == 13
      #expect(isLineEnd, "byte \(bytes[index]) in \(head.startLine)")
    }
  }

  /// Values out of the request, decoded, in fields for the service.
  @Test func valuesOfTemplatesAreEncoded() throws {
    let fixture = try Fixture(
      global: """
        plugins:
        - name: request-transformer
          config: {add: {headers: ["X-Made:$(query_params.v)"]}}
        """)
    for control in Self.controls where control != 0 {
      let hex = String(control, radix: 16, uppercase: true)
      let escape = "%" + (hex.utf8.count == 1 ? "0" : "") + hex
      let response = try fixture.gateway.get("/?v=a\(escape)X-Admin:%201")
      let head = try response.echo().head
      Self.expectClean(head)
      #expect(head.all("X-Admin") == [])
      #expect(head.all("X-Made") == ["a\(escape)X-Admin: 1"])
    }
  }

  /// Values of entities: the name of a consumer, headers of a plugin's configuration.
  @Test func valuesOfEntitiesAreEncoded() throws {
    let evil = #"a\r\nX-Admin: 1\x01\x7f"#
    let fixture = try Fixture(
      global: """
        plugins:
        - {name: key-auth}
        - name: response-transformer
          config: {add: {headers: ["X-Made:\(evil)"]}}
        consumers:
        - {username: "alice\(evil)", custom_id: "id\(evil)", keyauth_credentials: [{key: alice-key}]}
        """)
    let response = try fixture.gateway.get("/", headers: [("apikey", "alice-key")])
    #expect(response.status == 200)
    Self.expectClean(response.head)
    let made = "a%0D%0AX-Admin: 1%01%7F"
    #expect(response.head.all("X-Admin") == [] && response.head.all("X-Made") == [made])
    let head = try response.echo().head
    Self.expectClean(head)
    #expect(head.all("X-Admin") == [])
    #expect(head.all("X-Consumer-Username") == ["alice\(made)"])
    #expect(head.all("X-Consumer-Custom-Id") == ["id\(made)"])
  }

  /// Fields of the gateway's own answers.
  @Test(arguments: [
    #"{name: request-termination, config: {status_code: 200, body: x, content_type: "text/plain\r\nX-Admin: 1"}}"#,
    #"{name: correlation-id, config: {header_name: X-Made, generator: uuid, echo_downstream: true}}"#,
  ])
  func answersAreEncoded(plugin: String) throws {
    let fixture = try Fixture(route: "plugins: [\(plugin)]")
    let response = try fixture.gateway.get()
    Self.expectClean(response.head)
    #expect(response.head.all("X-Admin") == [])
  }

  /// What a plugin remembers of a service goes out by another way than what the service sends.
  @Test func cachedFieldsAreEncoded() throws {
    let fixture = try Fixture(route: "plugins: [{name: proxy-cache, config: {strategy: memory}}]") { exchange in
      try exchange.respond(
        headers: [("Content-Type", "text/plain"), ("X-Tab", "a\tb"), ("X-High", "\u{E6}\u{85}")], body: "x")
    }
    for _ in 0..<2 {
      let response = try fixture.gateway.get()
      Self.expectClean(response.head)
      #expect(response["X-Tab"] == "a\tb")
    }
  }

  /// A service's own control bytes are an invalid response, in interim ones and in trailers too.
  @Test(arguments: [
    "HTTP/1.1 200 OK\r\nX-A: a\u{1}b\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 OK\r\nX-A: a\rb\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 103 Early Hints\r\nLink: a\u{7F}\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n",
    "HTTP/1.1 200 O\u{8}K\r\nContent-Length: 0\r\n\r\n",
  ])
  func controlBytesOfAServiceAreRefused(answer: String) throws {
    let fixture = try Fixture(service: "retries: 0") { exchange in
      try exchange.send(answer)
      try exchange.waitForClose()
    }
    let response = try fixture.gateway.get()
    #expect(response.status == 502)
    Self.expectClean(response.head)
  }
}
