// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Synchronization

#if canImport(Glibc)
  internal import Glibc
#endif

/// One connected TCP socket, non-blocking inside, blocking with a deadline outside.
///
/// Closed on exec, so that a gateway started by another test never inherits it and keeps it open.
public final class Socket: Sendable {
  private let descriptor: Mutex<Int32?>
  /// The local port.
  public let localPort: Int

  /// Takes over a connected descriptor.
  init(owning descriptor: Int32) {
    setNonBlocking(descriptor)
    self.descriptor = Mutex(descriptor)
    self.localPort = boundPort(of: descriptor)
  }

  deinit { self.close() }

  /// Connects to 127.0.0.1 (or `host`, a dotted IPv4 address).
  ///
  /// - Parameter receiveBuffer: `SO_RCVBUF` in bytes, set before connecting; small ones make a slow reader.
  public static func connect(
    port: Int, host: String = "127.0.0.1", receiveBuffer: Int? = nil, seconds: Double = Deadline.defaultSeconds
  ) throws -> Socket {
    let descriptor = socket(AF_INET, streamType(), 0)
    guard descriptor >= 0 else { throw HarnessError(.failed, "socket: \(lastError())") }
    setNonBlocking(descriptor)
    if let receiveBuffer { setOption(descriptor, SO_RCVBUF, Int32(receiveBuffer)) }
    var address = loopback(port: port, host: host)
    let outcome = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
      }
    }
    if outcome != 0, errno != EINPROGRESS {
      let text = lastError()
      _ = Glibc.close(descriptor)
      throw HarnessError(.reset, "connect to port \(port): \(text)")
    }
    let connected = Socket(owning: descriptor)
    try connected.finishConnecting(port: port, deadline: Deadline(seconds: seconds))
    return connected
  }

  private func finishConnecting(port: Int, deadline: Deadline) throws {
    try self.await(Int16(POLLOUT), deadline: deadline, what: "connecting to port \(port)")
    let error = self.descriptor.withLock { $0.map { socketError($0) } ?? EBADF }
    if error != 0 { throw HarnessError(.reset, "connect to port \(port): \(String(cString: strerror(error)))") }
    self.descriptor.withLock { if let open = $0 { setOption(open, TCP_NODELAY, 1, level: Int32(IPPROTO_TCP)) } }
  }

  /// Sends all of `bytes`.
  public func send(_ bytes: [UInt8], seconds: Double = Deadline.defaultSeconds) throws {
    let deadline = Deadline(seconds: seconds)
    var sent = 0
    while sent < bytes.count {
      let count = try self.sendSome(bytes[sent...])
      sent += count
      if count == 0 { try self.await(Int16(POLLOUT), deadline: deadline, what: "sending") }
    }
  }

  /// Sends what the kernel takes at once; 0 when its buffer is full.
  public func sendSome(_ bytes: ArraySlice<UInt8>) throws -> Int {
    let (count, error) = self.descriptor.withLock { open -> (Int, Int32) in
      guard let open else { return (-1, EBADF) }
      let count = bytes.withUnsafeBytes { Glibc.send(open, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      return (count, errno)
    }
    if count >= 0 { return count }
    if error == EAGAIN || error == EINTR { return 0 }
    throw HarnessError(.reset, "send: \(String(cString: strerror(error)))")
  }

  /// Receives up to `count` bytes; empty at the end of the stream.
  ///
  /// - Throws: `.timedOut`; `.reset` when the peer reset the connection.
  public func receive(upTo count: Int = 65_536, seconds: Double = Deadline.defaultSeconds) throws -> [UInt8] {
    let deadline = Deadline(seconds: seconds)
    while true {
      if let bytes = try self.receiveSome(upTo: count) { return bytes }
      try self.await(Int16(POLLIN), deadline: deadline, what: "receiving")
    }
  }

  /// What is there now; `nil` when nothing is, empty at the end of the stream.
  public func receiveSome(upTo count: Int = 65_536) throws -> [UInt8]? {
    var error: Int32 = 0
    var outcome = 0
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
      let (received, failure) = self.descriptor.withLock { open -> (Int, Int32) in
        guard let open else { return (-1, EBADF) }
        let received = recv(open, buffer.baseAddress, count, 0)
        return (received, errno)
      }
      initialized = max(received, 0)
      outcome = received
      error = failure
    }
    if outcome >= 0 { return bytes }
    if error == EAGAIN || error == EINTR { return nil }
    throw HarnessError(.reset, "receive: \(String(cString: strerror(error)))")
  }

  /// Ends the sending side; the other goes on.
  public func shutdownWrite() {
    self.descriptor.withLock { if let open = $0 { _ = shutdown(open, Int32(SHUT_WR)) } }
  }

  /// Closes with a reset instead of an orderly end.
  public func reset() {
    self.descriptor.withLock { open in
      guard let held = open else { return }
      var option = linger(l_onoff: 1, l_linger: 0)
      _ = setsockopt(held, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size))
      _ = Glibc.close(held)
      open = nil
    }
  }

  public func close() {
    self.descriptor.withLock { open in
      if let held = open { _ = Glibc.close(held) }
      open = nil
    }
  }

  private func await(_ events: Int16, deadline: Deadline, what: String) throws {
    guard let open = self.descriptor.withLock({ $0 }) else { throw HarnessError(.closed, "\(what): closed here") }
    var wanted = pollfd(fd: open, events: events, revents: 0)
    while true {
      if poll(&wanted, 1, deadline.remainingMilliseconds) > 0 { return }
      if deadline.isOver { throw HarnessError(.timedOut, "deadline passed while \(what)") }
    }
  }
}
