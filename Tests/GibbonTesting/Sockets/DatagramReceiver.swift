// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// A socket that takes datagrams: on a free UDP port of loopback, or at the path of a unix socket.
public final class DatagramReceiver: Sendable {
  private let descriptor: Mutex<Int32?>
  /// 0 for a unix socket.
  public let port: Int

  public init() throws {
    let descriptor = socket(AF_INET, Self.type, 0)
    var address = loopback(port: 0, host: "127.0.0.1")
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    guard descriptor >= 0, outcome == 0 else { throw HarnessError(.failed, "datagram receiver: \(lastError())") }
    setOption(descriptor, SO_RCVBUF, 4 * 1024 * 1024)
    setNonBlocking(descriptor)
    self.port = boundPort(of: descriptor)
    self.descriptor = Mutex(descriptor)
  }

  /// - Parameter path: of a file that does not exist.
  public init(path: String) throws {
    let descriptor = socket(AF_UNIX, Self.type, 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw HarnessError(.failed, "datagram receiver: \(path) is too long")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard descriptor >= 0, outcome == 0 else { throw HarnessError(.failed, "datagram receiver: \(lastError())") }
    setNonBlocking(descriptor)
    self.port = 0
    self.descriptor = Mutex(descriptor)
  }

  deinit { self.close() }

  private static var type: Int32 { Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue) }

  /// The next datagram.
  public func receive(seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    let deadline = Deadline(seconds: seconds)
    while true {
      guard let open = self.descriptor.withLock({ $0 }) else { throw HarnessError(.closed, "closed here") }
      var buffer = [UInt8](repeating: 0, count: 65_536)
      let count = recv(open, &buffer, buffer.count, 0)
      if count >= 0 { return Array(buffer[..<count]) }
      if deadline.isOver { throw HarnessError(.timedOut, "deadline passed while waiting for a datagram") }
      var wanted = pollfd(fd: open, events: Int16(POLLIN), revents: 0)
      _ = poll(&wanted, 1, deadline.remainingMilliseconds)
    }
  }

  /// The next datagram as text.
  public func receiveText(seconds: Double = Deadline.defaultSeconds) throws -> String {
    String(decoding: try self.receive(seconds: seconds), as: UTF8.self)
  }

  public func close() {
    self.descriptor.withLock { open in
      if let held = open { _ = Glibc.close(held) }
      open = nil
    }
  }
}
