// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Glibc

/// What a system call said in a test.
struct PeerError: Error, CustomStringConvertible {
  let call: String
  let code: Int32

  init(_ call: String) {
    self.call = call
    self.code = errno
  }

  var description: String { "\(self.call): errno \(self.code)" }
}

/// The other end of a connection: a blocking socket that gives up after ten seconds.
final class Peer {
  private(set) var descriptor: Int32

  init(owning descriptor: Int32, patience seconds: Int = 10) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: seconds, tv_usec: 0)
    let size = socklen_t(MemoryLayout<timeval>.size)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, size)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, size)
    var on: Int32 = 1
    _ = setsockopt(descriptor, Int32(IPPROTO_TCP), TCP_NODELAY, &on, socklen_t(MemoryLayout<Int32>.size))
  }

  /// Connects to 127.0.0.1.
  convenience init(port: UInt16, receiveBuffer: Int32? = nil, patience seconds: Int = 10) throws {
    let descriptor = try Peer.socket()
    if var receiveBuffer {
      _ = setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
    }
    self.init(owning: descriptor, patience: seconds)
    guard Peer.withLoopback(port: port, { connect(descriptor, $0, $1) }) == 0 else { throw PeerError("connect") }
  }

  deinit { self.close() }

  static func socket() throws -> Int32 {
    let descriptor = Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw PeerError("socket") }
    return descriptor
  }

  static func withLoopback<R>(port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
    }
  }

  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(self.descriptor, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { throw PeerError("send") }
      sent += count
    }
  }

  func send(_ text: String) throws { try self.send(Array(text.utf8)) }

  /// Up to `count` bytes; empty at the end of the stream.
  func receive(upTo count: Int = 65_536) throws -> [UInt8] {
    var failure: PeerError?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let received = recv(self.descriptor, buffer.baseAddress, count, 0)
      if received < 0 { failure = PeerError("recv") }
      initialized = max(0, received)
    }
    if let failure { throw failure }
    return bytes
  }

  /// Exactly `count` bytes, fewer only at the end of the stream.
  func receive(exactly count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(count)
    while bytes.count < count {
      let part = try self.receive(upTo: min(262_144, count - bytes.count))
      if part.isEmpty { break }
      bytes += part
    }
    return bytes
  }

  func receiveToEnd() throws -> [UInt8] {
    var bytes: [UInt8] = []
    while true {
      let part = try self.receive(upTo: 262_144)
      if part.isEmpty { return bytes }
      bytes += part
    }
  }

  func shutdownWriting() { _ = shutdown(self.descriptor, Int32(SHUT_WR)) }

  /// Closes with a reset.
  func reset() {
    var option = linger(l_onoff: 1, l_linger: 0)
    _ = setsockopt(self.descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
    self.close()
  }

  func close() {
    if self.descriptor >= 0 { _ = Glibc.close(self.descriptor) }
    self.descriptor = -1
  }
}

/// A bound socket on loopback that listens, or only holds its port so that connecting is refused.
final class PeerListener {
  private let descriptor: Int32
  let port: UInt16

  init(isListening: Bool = true) throws {
    let descriptor = try Peer.socket()
    self.descriptor = descriptor
    guard Peer.withLoopback(port: 0, { bind(descriptor, $0, $1) }) == 0 else { throw PeerError("bind") }
    if isListening, listen(descriptor, 16) != 0 { throw PeerError("listen") }
    var address = sockaddr_in()
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    _ = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
    }
    self.port = UInt16(bigEndian: address.sin_port)
  }

  deinit { _ = close(self.descriptor) }

  func accept() throws -> Peer {
    let accepted = Glibc.accept(self.descriptor, nil, nil)
    guard accepted >= 0 else { throw PeerError("accept") }
    return Peer(owning: accepted)
  }
}
