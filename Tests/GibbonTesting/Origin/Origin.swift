// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Foundation
internal import Synchronization

/// A scriptable upstream: a real server on a free port of loopback, one thread for each connection.
///
/// The handler is called for every request head. It answers through the exchange, with whole responses or raw bytes, as
/// slowly or as wrongly as the test wants. What it throws (for one, because the gateway closed) is kept in `failures`.
public final class Origin: Sendable {
  public typealias Handler = @Sendable (Exchange) throws -> Void

  private struct State {
    var connections = 0
    var open = 0
    var requests: [MessageHead] = []
    var failures: [String] = []
  }

  private let listener: ListeningSocket
  private let state = Mutex(State())
  private let handler: Handler

  /// Starts to listen and serve at once. Without a handler it answers every request as `Exchange.echo()` does.
  public init(port: Int = 0, _ handler: @escaping Handler = { try $0.echo() }) throws {
    self.listener = try ListeningSocket(port: port)
    self.handler = handler
    let listener = self.listener
    Self.detach { [weak self] in
      while !listener.isClosed {
        guard let socket = listener.accept(seconds: 0.2) else {
          if self == nil { return }
          continue
        }
        guard let self else { return }
        Self.detach { self.serve(socket) }
      }
    }
  }

  deinit { self.listener.close() }

  public var port: Int { self.listener.port }
  /// How many connections were ever accepted.
  public var connectionCount: Int { self.state.withLock { $0.connections } }
  /// How many of them are open now.
  public var openConnectionCount: Int { self.state.withLock { $0.open } }
  /// Every request head received, in order of arrival.
  public var requests: [MessageHead] { self.state.withLock { $0.requests } }
  /// What handlers threw.
  public var failures: [String] { self.state.withLock { $0.failures } }

  /// Waits until that many requests have come.
  public func waitForRequests(_ count: Int, seconds: Double = Deadline.defaultSeconds) throws {
    try Deadline.wait(for: "\(count) requests at the origin, has \(self.requests.count)", seconds: seconds) {
      self.requests.count >= count
    }
  }

  /// Waits until that many connections are open.
  public func waitForOpenConnections(_ count: Int, seconds: Double = Deadline.defaultSeconds) throws {
    try Deadline.wait(for: "\(count) open connections, has \(self.openConnectionCount)", seconds: seconds) {
      self.openConnectionCount == count
    }
  }

  /// Refuses connections from now on; those open go on.
  public func stopListening() { self.listener.close() }

  private func serve(_ socket: Socket) {
    let number = self.state.withLock { state -> Int in
      state.connections += 1
      state.open += 1
      return state.connections
    }
    defer {
      socket.close()
      self.state.withLock { $0.open -= 1 }
    }
    let reader = MessageReader(socket)
    do {
      while let head = try nextHead(reader) {
        self.state.withLock { $0.requests.append(head) }
        let exchange = Exchange(head: head, socket: socket, reader: reader, connectionNumber: number)
        try self.handler(exchange)
        if exchange.isConnectionDone { return }
        _ = try exchange.readBody()
      }
    } catch {
      self.state.withLock { $0.failures.append("\(error)") }
    }
  }

  private static func detach(_ work: @escaping @Sendable () -> Void) {
    let thread = Thread(block: work)
    thread.stackSize = 1 << 19
    thread.start()
  }
}

/// The next request head; `nil` when the peer ends or resets the connection between requests.
private func nextHead(_ reader: MessageReader) throws -> MessageHead? {
  do {
    return try reader.readHead(seconds: 600)
  } catch let error as HarnessError where error.kind == .closed || error.kind == .reset {
    return nil
  }
}
