// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTLS
import Glibc

/// Two sockets that are connected with each other, closed at the end.
final class SocketPair {
  let near: Int32
  let far: Int32
  private var isNearOpen = true

  init?() {
    var both: [Int32] = [-1, -1]
    let kind = Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
    guard socketpair(AF_UNIX, kind, 0, &both) == 0 else { return nil }
    self.near = both[0]
    self.far = both[1]
  }

  func closeNear() {
    if self.isNearOpen { close(self.near) }
    self.isNearOpen = false
  }

  deinit {
    self.closeNear()
    close(self.far)
  }
}

/// A client and a server of this module, driven in turns on one thread.
final class TLSPair {
  let sockets: SocketPair
  /// Between the two when bytes are handed on in pieces.
  private let relay: SocketPair?
  private let piece: Int
  let client: TLSSession
  let server: TLSSession
  private(set) var clientStep = TLSSession.Step.wantsRead
  private(set) var serverStep = TLSSession.Step.wantsRead

  /// - Parameter piece: bytes that the way between hands on at once; 0 for all.
  init?(
    _ serverContext: TLSServerContext, _ clientContext: TLSClientContext, name: String? = "example.com",
    verified: String? = "example.com", piece: Int = 0
  ) {
    guard let sockets = SocketPair() else { return nil }
    let relay = piece > 0 ? SocketPair() : nil
    self.sockets = sockets
    self.relay = relay
    self.piece = piece
    guard let server = serverContext.session(descriptor: relay?.far ?? sockets.far),
      let client = clientContext.session(
        descriptor: sockets.near, serverName: name, verifiedName: verified, address: "127.0.0.1:443")
    else { return nil }
    self.client = client
    self.server = server
  }

  /// Until both are done, or one has failed and the other knows.
  @discardableResult
  func shake() -> Bool {
    for _ in 0..<100_000 {
      if self.clientStep != .done, self.clientStep != .failed { self.clientStep = self.client.handshake() }
      self.handOn()
      if self.serverStep != .done, self.serverStep != .failed { self.serverStep = self.server.handshake() }
      self.handOn()
      if self.clientStep == .done, self.serverStep == .done { return true }
      if self.serverStep == .wantsCertificate { return false }
      if self.clientStep == .failed || self.serverStep == .failed {
        // TLS 1.3: the client may be done before the server refuses.
        if self.clientStep != .failed, self.clientStep != .done { self.clientStep = self.client.handshake() }
        if self.serverStep != .failed, self.serverStep != .done { self.serverStep = self.server.handshake() }
        return false
      }
    }
    return false
  }

  private func handOn() {
    guard let relay = self.relay else { return }
    for (from, to) in [(self.sockets.far, relay.near), (relay.near, self.sockets.far)] {
      var bytes = [UInt8](repeating: 0, count: self.piece)
      let count = read(from, &bytes, self.piece)
      if count > 0 { _ = write(to, bytes, count) }
    }
  }

  /// Sends from one to the other and reads it all.
  func carry(_ bytes: [UInt8], from sender: TLSSession, to receiver: TLSSession) -> [UInt8] {
    var sent = 0
    var received: [UInt8] = []
    for _ in 0..<100_000 where received.count < bytes.count {
      if sent < bytes.count {
        let count = bytes[sent...].withUnsafeBytes { sender.write($0) }
        if count > 0 { sent += count } else if count != -Int(EAGAIN) { return received }
      }
      self.handOn()
      while true {
        let (count, part) = receiver.take(20_000)
        if count <= 0 { break }
        received += part
      }
    }
    return received
  }
}

extension TLSSession {
  func take(_ room: Int = 4_096) -> (Int, [UInt8]) {
    var bytes = [UInt8](repeating: 0, count: room)
    let count = bytes.withUnsafeMutableBytes { self.read(into: $0) }
    return (count, Array(bytes.prefix(max(0, count))))
  }

  func put(_ text: String) -> Int { Array(text.utf8).withUnsafeBytes { self.write($0) } }
}
