// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// A bound TCP socket on loopback, listening or only holding its port.
public final class ListeningSocket: Sendable {
  private let descriptor: Mutex<Int32?>
  public let port: Int

  /// Binds 127.0.0.1, or `host`.
  ///
  /// - Parameters:
  ///   - port: 0 for any free one.
  ///   - host: one of the loopback addresses.
  ///   - backlog: `nil` binds without listening: the port is taken, and a connection to it is refused.
  public init(port: Int = 0, host: String = "127.0.0.1", backlog: Int32? = 1024) throws {
    let descriptor = socket(AF_INET, streamType(), 0)
    guard descriptor >= 0 else { throw HarnessError(.failed, "socket: \(lastError())") }
    setNonBlocking(descriptor)
    setOption(descriptor, SO_REUSEADDR, 1)
    var address = loopback(port: port, host: host)
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if outcome != 0 || (backlog.map { listen(descriptor, $0) != 0 } ?? false) {
      let text = lastError()
      _ = Glibc.close(descriptor)
      throw HarnessError(.failed, "bind or listen on port \(port): \(text)")
    }
    self.descriptor = Mutex(descriptor)
    self.port = boundPort(of: descriptor)
  }

  deinit { self.close() }

  /// The next connection; `nil` when `seconds` passed without one, or after `close()`.
  public func accept(seconds: Double) -> Socket? {
    guard let open = self.descriptor.withLock({ $0 }) else { return nil }
    var wanted = pollfd(fd: open, events: Int16(POLLIN), revents: 0)
    guard poll(&wanted, 1, Deadline(seconds: seconds).remainingMilliseconds) > 0 else { return nil }
    let accepted = self.descriptor.withLock { held in
      held.map { acceptClosedOnExec($0) } ?? -1
    }
    guard accepted >= 0 else { return nil }
    setOption(accepted, TCP_NODELAY, 1, level: Int32(IPPROTO_TCP))
    return Socket(owning: accepted)
  }

  public var isClosed: Bool { self.descriptor.withLock { $0 == nil } }

  /// Stops listening at once, also while another thread waits in `accept`.
  public func close() {
    self.descriptor.withLock { open in
      if let held = open {
        _ = shutdown(held, Int32(SHUT_RDWR))
        _ = Glibc.close(held)
      }
      open = nil
    }
  }
}
