// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc
import Testing

@Suite struct TransportTests {
  private let server: TLSServerContext
  private let client: TLSClientContext

  init() throws {
    (self.server, self.client) = try TestCertificates.shared.get().contexts()
  }

  private func connected() throws -> TLSPair {
    let pair = try #require(TLSPair(self.server, self.client))
    #expect(pair.shake())
    return pair
  }

  @Test func anOrderlyEnd() throws {
    let pair = try self.connected()
    #expect(pair.client.put("bye") == 3)
    pair.client.shutdown()
    pair.sockets.closeNear()
    #expect(pair.server.take() == (3, Array("bye".utf8)))
    #expect(pair.server.take().0 == 0)
    #expect(pair.server.take().0 == 0)
    #expect(pair.server.failure == nil)
  }

  @Test func anEndThatIsCut() throws {
    let pair = try self.connected()
    // The ticket, which would make the socket end with a reset if it were not read.
    #expect(pair.client.take().0 == -Int(EAGAIN))
    #expect(pair.client.put("by") == 2)
    pair.sockets.closeNear()
    #expect(pair.server.take() == (2, Array("by".utf8)))
    #expect(pair.server.take().0 == TLSSession.truncated)
    #expect(pair.server.take().0 == TLSSession.truncated)
    #expect(pair.server.failure?.contains("close_notify") == true)
  }

  /// What is read next may have been inside already: the socket that was announced meanwhile is not empty by that.
  @Test func anAnnouncedSocketIsNotDrained() throws {
    let pair = try self.connected()
    #expect(pair.server.take().0 == -Int(EAGAIN))
    #expect(pair.client.put("one") == 3)
    #expect(pair.client.put("two") == 3)
    #expect(pair.server.take() == (3, Array("one".utf8)))
    #expect(pair.client.put("three") == 5)
    pair.server.noteReadable()
    #expect(pair.server.take() == (3, Array("two".utf8)))
    #expect(!pair.server.hasPending && !pair.server.isDrained)
    #expect(pair.server.take() == (5, Array("three".utf8)))
    #expect(pair.server.isDrained)
  }

  @Test func nothingThereAndWhatIsInside() throws {
    let pair = try self.connected()
    #expect(pair.server.take().0 == -Int(EAGAIN))
    #expect(!pair.server.hasPending)
    #expect(pair.client.put("one") == 3)
    #expect(pair.client.put("two") == 3)
    #expect(pair.server.take(2) == (2, Array("on".utf8)))
    #expect(pair.server.hasPending)
    #expect(!pair.server.isDrained)
    #expect(pair.server.take(2) == (1, Array("e".utf8)))
    // One read of the socket took both records.
    #expect(pair.server.hasPending)
    #expect(pair.server.take() == (3, Array("two".utf8)))
    #expect(!pair.server.hasPending)
    #expect(pair.server.isDrained)
    #expect(pair.server.take().0 == -Int(EAGAIN))
  }

  @Test func halfARecordIsNotPending() throws {
    let sockets = try #require(SocketPair())
    let pair = try self.connected()
    #expect(pair.client.put("hello, world") == 12)
    var record = [UInt8](repeating: 0, count: 100)
    let count = Glibc.recv(pair.sockets.far, &record, 100, 0)
    try #require(count > 20)
    // The first half goes back to where the server reads.
    #expect(Glibc.write(pair.sockets.near, record, 10) == 10)
    #expect(pair.server.take().0 == -Int(EAGAIN))
    #expect(!pair.server.hasPending)
    #expect(Array(record[10..<count]).withUnsafeBytes { Glibc.write(pair.sockets.near, $0.baseAddress, $0.count) } > 0)
    #expect(pair.server.take() == (12, Array("hello, world".utf8)))
    _ = sockets
  }

  @Test func muchMoreThanTheSocketTakes() throws {
    let pair = try self.connected()
    let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    var sent = 0
    while true {
      let count = bytes[sent...].withUnsafeBytes { pair.server.write($0) }
      if count < 0 {
        #expect(count == -Int(EAGAIN))
        break
      }
      sent += count
    }
    #expect(sent > 0 && sent < bytes.count)
    // Fewer than wait, is a mistake of the caller that breaks nothing.
    #expect(bytes[sent..<sent + 1].withUnsafeBytes { pair.server.write($0) } == -Int(EINVAL))
    var received: [UInt8] = []
    for _ in 0..<100_000 where received.count < bytes.count {
      if sent < bytes.count {
        // From another place each time.
        let rest = Array(bytes[sent...])
        let count = rest.withUnsafeBytes { pair.server.write($0) }
        if count > 0 { sent += count }
      }
      received += pair.client.take(20_000).1
    }
    #expect(received == bytes)
  }

  @Test func writingToOneThatIsGone() throws {
    let pair = try self.connected()
    pair.sockets.closeNear()
    #expect(pair.server.put("anybody there?") == -Int(EPIPE))
    #expect(pair.server.failure == "the peer closed the connection while it was written to")
    pair.server.shutdown()
  }

  @Test func aDamagedRecord() throws {
    let pair = try self.connected()
    let record: [UInt8] = [23, 3, 3, 0, 20] + [UInt8](repeating: 9, count: 20)
    #expect(Glibc.write(pair.sockets.near, record, record.count) == record.count)
    #expect(pair.server.take().0 == -Int(EPROTO))
    #expect(pair.server.failure == "a TLS record was damaged on its way")
  }
}
