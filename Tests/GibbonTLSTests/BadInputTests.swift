// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct BadInputTests {
  private let server: TLSServerContext
  private let client: TLSClientContext

  init() throws {
    (self.server, self.client) = try TestCertificates.shared.get().contexts()
  }

  /// A server that was sent these bytes, and what it wrote.
  private func answer(_ bytes: [UInt8], closing: Bool = false) throws -> (TLSSession, TLSSession.Step, [UInt8]) {
    let sockets = try #require(SocketPair())
    let session = try #require(self.server.session(descriptor: sockets.far))
    _ = Glibc.write(sockets.near, bytes, bytes.count)
    if closing { Glibc.shutdown(sockets.near, Int32(SHUT_WR)) }
    let step = session.handshake()
    var output = [UInt8](repeating: 0, count: 4_096)
    let count = Glibc.read(sockets.near, &output, output.count)
    return (session, step, Array(output.prefix(max(0, count))))
  }

  @Test(arguments: ["GET", "POST", "DELETE", "OPTIONS", "PATCH", "PROPFIND", "CONNECT"])
  func plainHTTP(method: String) throws {
    let (session, step, output) = try self.answer(Array("\(method) / HTTP/1.1\r\nHost: a\r\n\r\n".utf8))
    #expect(step == .failed)
    #expect(session.isPlainHTTP)
    #expect(session.failure == "the client sent a plain HTTP request to the HTTPS port")
    #expect(output.isEmpty, "the 400 comes first")
  }

  @Test func otherThings() throws {
    for bytes in [
      Array("SSH-2.0-x\r\n".utf8), Array("{\"a\": 1}".utf8), [0, 1, 2, 3, 4, 5, 6, 7, 8], [255, 255, 255, 255, 255],
    ] {
      let (session, step, _) = try self.answer(bytes)
      #expect(step == .failed)
      #expect(!session.isPlainHTTP)
      #expect(session.failure == "the peer does not speak TLS", "\(bytes)")
    }
  }

  @Test func recordsThatAreNoHandshake() throws {
    let long = [22, 3, 1, 0xFF, 0xFF] + [UInt8](repeating: 0, count: 100)
    let (session, step, _) = try self.answer(long)
    #expect(step == .failed)
    #expect(session.failure == "the peer sent a TLS record that is too long")
    for body in [[1, 0, 0, 1, 0], [2, 0, 0, 0], [1, 0xFF, 0xFF, 0xFF]] as [[UInt8]] {
      let (session, step, _) = try self.answer([22, 3, 1, 0, UInt8(body.count)] + body)
      #expect(step == .failed)
      #expect(session.failure != nil && !session.isPlainHTTP)
    }
  }

  @Test func cutDuringTheHandshake() throws {
    let (session, step, _) = try self.answer([22, 3, 1, 2, 0, 1], closing: true)
    #expect(step == .failed)
    #expect(session.failure == "the peer closed the connection during the TLS handshake")
    let (silent, silentStep, _) = try self.answer([], closing: true)
    #expect(silentStep == .failed)
    #expect(silent.failure == "the peer closed the connection during the TLS handshake")
    let (short, shortStep, _) = try self.answer(Array("GET".utf8), closing: true)
    #expect(shortStep == .failed)
    #expect(short.failure == "the peer does not speak TLS")
  }

  @Test func afterAFailureNothingHappens() throws {
    let (session, _, _) = try self.answer(Array("nonsense, this".utf8))
    #expect(session.handshake() == .failed)
    #expect(session.take().0 == -Int(EPROTO))
    #expect(session.put("x") == -Int(EPROTO))
    session.shutdown()
    #expect(!session.hasPending)
  }

  /// Bytes changed at random in a ClientHello that is good: any answer but a crash or a hang.
  @Test func helloWithErrors() throws {
    let sockets = try #require(SocketPair())
    let good = try #require(
      self.client.session(descriptor: sockets.near, serverName: "example.com", verifiedName: nil, address: ""))
    _ = good.handshake()
    var hello = [UInt8](repeating: 0, count: 4_096)
    hello.removeLast(hello.count - max(0, Glibc.read(sockets.far, &hello, hello.count)))
    try #require(hello.count > 100)
    var generator = SystemRandomNumberGenerator()
    for round in 0..<2_000 {
      var bytes = hello
      for _ in 0...(round % 4) {
        bytes[Int.random(in: 5..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
      }
      let (session, step, _) = try self.answer(bytes, closing: round % 2 == 0)
      #expect(step != .done)
      #expect((step == .failed) == (session.failure != nil))
    }
  }

  @Test func aServerThatSpeaksPlainHTTP() throws {
    let sockets = try #require(SocketPair())
    let session = try #require(
      self.client.session(descriptor: sockets.near, serverName: "a.test", verifiedName: nil, address: ""))
    #expect(session.handshake() == .wantsRead)
    let text = Array("HTTP/1.1 400 Bad Request\r\n\r\n".utf8)
    _ = Glibc.write(sockets.far, text, text.count)
    #expect(session.handshake() == .failed)
    #expect(session.isPlainHTTP)
    #expect(session.failure == "the server answered in plain HTTP: it does not speak TLS on this port")
  }

  @Test func namesThatAreNone() throws {
    let sockets = try #require(SocketPair())
    for name in ["", "a\0b", String(repeating: "a", count: 300)] {
      #expect(
        self.client.session(descriptor: sockets.near, serverName: name, verifiedName: nil, address: "") == nil)
      #expect(
        self.client.session(descriptor: sockets.near, serverName: nil, verifiedName: name, address: "") == nil)
    }
  }
}
