// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// A client that does not take its answer is closed after `send_timeout`, whatever it does or does not send.
@Suite(.serialized) struct UnreadAnswerTests {
  private static let size = 8 << 20
  private static let shared = Result {
    try Fixture(
      global: """
        plugins:
        - name: request-termination
          config: {status_code: 200, content_type: text/plain, body: "\(String(repeating: "x", count: Self.size))"}
        """,
      settings: ["nginx_worker_processes": "1", "nginx_http_send_timeout": "1s"])
  }

  /// Sent at first, and after the answer has begun.
  static let requests = [
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", ""),
    ("GET / HTTP/1.1\r\nHost: a\r\n\r\n", "GET / HTTP/1.1\r\nHost: a\r\n\r\n"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", ""),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc", ""),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n", "more"),
    ("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\nabc", "more"),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", ""),
    ("POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", "3\r\ndef\r\n0\r\n\r\n"),
  ]

  /// One test for all, because the sockets of the whole gateway are counted.
  @Test func clientThatNeverReadsIsClosed() throws {
    let gateway = try Self.shared.get().gateway
    let before = try openSocketCount(of: gateway.processID)
    let clients = try Self.requests.map { first, later in
      let client = try RawClient(port: gateway.port, receiveBuffer: 4096)
      try client.send(first)
      #expect(try client.socket.receive(upTo: 12) == Array("HTTP/1.1 200".utf8))
      // On a busy machine the gateway may have closed by now.
      try? client.send(later)
      return client
    }
    try waitForSockets(of: gateway, atMost: before)
    for (client, request) in zip(clients, Self.requests) {
      let got = try client.reader.readToEnd(acceptingReset: true)
      #expect(got.count < Self.size, "the answer to \(request.0.prefix(12)) fitted into the sockets' buffers")
    }
  }

  @Test func clientThatReadsGetsItAll() throws {
    let response = try Self.shared.get().gateway.get()
    #expect(response.status == 200)
    #expect(response.body.count == Self.size)
  }
}
