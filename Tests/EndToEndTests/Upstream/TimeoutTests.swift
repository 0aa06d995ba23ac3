// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// `connect_timeout`, `write_timeout` and `read_timeout` of a service, in milliseconds.
@Suite struct TimeoutTests {
  private func firstLine(_ response: Response) -> String {
    String(response.text.split(separator: "\n").first ?? "")
  }

  @Test func silenceBeforeTheHeadIs504() throws {
    let fixture = try Fixture(service: "retries: 0\nread_timeout: 200") { try $0.waitForClose() }
    let response = try fixture.gateway.get()
    #expect(response.status == 504)
    #expect(self.firstLine(response) == "The upstream server is timing out")
    try fixture.origin.waitForOpenConnections(0)
    try fixture.gateway.waitForLog("timed out")
  }

  @Test func silenceWithinTheBodyCutsTheResponse() throws {
    let fixture = try Fixture(service: "retries: 0\nread_timeout: 300") { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
      try exchange.waitForClose()
    }
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.reader.readHead().word(1) == "200")
    #expect(try client.reader.readToEnd(acceptingReset: true) == Array("half".utf8))
    try fixture.origin.waitForOpenConnections(0)
  }

  /// The timeout is between two reads, not for the whole response.
  @Test func slowButSteadyAnswerIsFine() throws {
    let fixture = try Fixture(service: "retries: 0\nread_timeout: 1000") { exchange in
      try exchange.send("HTTP/1.1 200 OK\r\nContent-Length: 12\r\n\r\n")
      for _ in 0..<12 {
        try exchange.send("x")
        try? Gate().wait(seconds: 0.15)
      }
    }
    #expect(try fixture.gateway.get().text == "xxxxxxxxxxxx")
  }

  @Test func connectionThatIsNotAcceptedIs504() throws {
    let full = try ListeningSocket(backlog: 0)
    // The queue of a backlog of 0 holds one connection; the kernel drops what comes after.
    let fillers = (0..<3).compactMap { _ in try? Socket.connect(port: full.port, seconds: 0.3) }
    let gateway = try GatewayProcess(
      Declarative.service(port: full.port, service: "retries: 0\nconnect_timeout: 200"))
    let response = try gateway.get()
    #expect(response.status == 504)
    #expect(!fillers.isEmpty)
  }

  @Test func upstreamThatNeverReadsTheUploadIs504() throws {
    let fixture = try Fixture(service: "retries: 0\nwrite_timeout: 300\nread_timeout: 300") { exchange in
      try Gate().wait(seconds: 20)
    }
    let client = try RawClient(port: fixture.gateway.port)
    let size = 64 << 20
    try client.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: \(size)\r\n\r\n")
    let piece = [UInt8](repeating: 120, count: 1 << 16)
    var answered = false
    try Deadline.wait(for: "an answer while uploading") {
      if let bytes = try? client.socket.receiveSome(upTo: 12) {
        #expect(String(decoding: bytes, as: UTF8.self) == "HTTP/1.1 504")
        answered = true
        return true
      }
      _ = try? client.socket.sendSome(piece[...])
      return false
    }
    #expect(answered)
  }

  @Test func idleClientConnectionIsClosedInTime() throws {
    let fixture = try Fixture(settings: ["nginx_http_keepalive_timeout": "1s"])
    let client = try RawClient(port: fixture.gateway.port)
    try client.request("GET", "/")
    #expect(try client.response().status == 200)
    #expect(try client.isClosedByPeer())
  }
}
