// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc
internal import Synchronization

/// The socket of the system's log, opened with the first message and again when it broke. Blocks for a second at most.
final class SyslogSocket: Sendable {
  private struct State {
    var descriptor: Int32?
    var isStream = false
  }

  private let path: String
  private let state = Mutex(State())
  private static let timeoutSeconds = 1

  init(_ path: String) { self.path = path }

  deinit { self.close() }

  func close() { self.state.withLock { Self.close(&$0) } }

  private static func close(_ state: inout State) {
    if let open = state.descriptor { _ = Glibc.close(open) }
    state.descriptor = nil
  }

  /// - Returns: false for a message that is too large.
  /// - Throws: `SendFailure`. A socket that was connected to a log that is gone is replaced first.
  func send(_ message: [UInt8]) throws -> Bool {
    try self.state.withLock { state -> Bool in
      let isFresh = state.descriptor == nil
      if isFresh { try self.open(&state) }
      var code = Self.send(message, state)
      if code != 0, code != EMSGSIZE, !isFresh {
        Self.close(&state)
        try self.open(&state)
        code = Self.send(message, state)
      }
      if code == 0 || code == EMSGSIZE { return code == 0 }
      Self.close(&state)
      throw SendFailure("failed to write to \(self.path): \(SendFailure.words(code: code))")
    }
  }

  /// 0, or why not.
  private static func send(_ message: [UInt8], _ state: State) -> Int32 {
    guard let open = state.descriptor else { return EBADF }
    // Messages of a stream end with a zero, as those of glibc.
    let bytes = state.isStream ? message + [0] : message
    var sent = 0
    repeat {
      let count = bytes.withUnsafeBytes {
        Glibc.send(open, $0.baseAddress?.advanced(by: sent), $0.count - sent, Int32(MSG_NOSIGNAL))
      }
      if count < 0, errno == EINTR { continue }
      guard count >= 0 else { return errno }
      sent += count
    } while state.isStream && sent < bytes.count
    return 0
  }

  /// Datagrams, or a stream where the log wants one.
  private func open(_ state: inout State) throws {
    var code = self.connect(SOCK_DGRAM, &state)
    if code == EPROTOTYPE { code = self.connect(SOCK_STREAM, &state) }
    if code != 0 { throw SendFailure("failed to connect to \(self.path): \(SendFailure.words(code: code))") }
  }

  private func connect(_ type: __socket_type, _ state: inout State) -> Int32 {
    var address = sockaddr_un()
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard self.path.utf8.count < room else { return ENAMETOOLONG }
    let descriptor = Glibc.socket(AF_UNIX, Int32(type.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { return errno }
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: self.path.utf8) }
    var limit = timeval(tv_sec: Self.timeoutSeconds, tv_usec: 0)
    _ = setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard outcome == 0 else {
      let code = errno
      _ = Glibc.close(descriptor)
      return code
    }
    state = State(descriptor: descriptor, isStream: type == SOCK_STREAM)
    return 0
  }
}
