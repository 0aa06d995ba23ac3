// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A body too large for the plugin that reads it, while the name of the service is still being resolved: nothing of it
/// may be lost. Every test has a gateway of its own, which knows no name yet.
@Suite struct OverflowingBodyTests {
  private static let name = "origin.gibbon-test.example"
  private static let chunks = (0..<5).map { number in
    [UInt8](repeating: UInt8(ascii: "a") + UInt8(number), count: 9000)
  }

  private func gateway(host: String, origin: Origin, names: NameServer) throws -> GatewayProcess {
    let text = """
      _format_version: "3.0"
      services:
      - name: named
        url: http://\(host):\(origin.port)
        routes:
        - name: guarded
          paths: [/]
          plugins:
          - {name: key-auth, config: {key_in_body: true}}
      consumers:
      - username: alice
        keyauth_credentials:
        - {key: alice-key}
      """
    return try GatewayProcess(
      text,
      settings: [
        "dns_resolver": "127.0.0.1:\(names.port)", "nginx_worker_processes": "1",
        "nginx_http_client_body_buffer_size": "8k",
      ])
  }

  private static func framed(_ isChunked: Bool) -> [UInt8] {
    let head = "POST /?apikey=alice-key HTTP/1.1\r\nHost: a\r\n"
    if !isChunked { return Array((head + "Content-Length: 45000\r\n\r\n").utf8) + self.chunks.flatMap { $0 } }
    let body = self.chunks.flatMap { Array("2328\r\n".utf8) + $0 + Array("\r\n".utf8) }
    return Array((head + "Transfer-Encoding: chunked\r\n\r\n").utf8) + body + Array("0\r\n\r\n".utf8)
  }

  /// Bytes for each write; the last is all at once.
  static let pieces = [251, 4096, 9000, 1 << 20]

  @Test(arguments: ["localhost", Self.name], Self.pieces) func chunkedBodyIsWhole(host: String, piece: Int) throws {
    try self.expectWhole(host: host, Self.framed(true), piece: piece)
  }

  @Test(arguments: Self.pieces) func bodyOfKnownLengthIsWhole(piece: Int) throws {
    try self.expectWhole(host: Self.name, Self.framed(false), piece: piece)
  }

  private func expectWhole(host: String, _ request: [UInt8], piece: Int) throws {
    let origin = try Origin()
    let names = try NameServer([Self.name: "127.0.0.1"])
    let gateway = try self.gateway(host: host, origin: origin, names: names)
    let body = String(decoding: Self.chunks.joined(), as: UTF8.self)
    // The first finds no address yet, the second does.
    for _ in 0..<2 {
      let client = try RawClient(port: gateway.port)
      var offset = 0
      while offset < request.count {
        let end = min(offset + piece, request.count)
        try client.send(Array(request[offset..<end]))
        offset = end
      }
      let response = try client.response()
      #expect(response.status == 200)
      let same = try response.echo().rest == body
      #expect(same, "the origin received \(response.body.count) bytes in all")
    }
    #expect(origin.failures == [])
  }
}
