// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import NIOCore
internal import Synchronization

/// The open connections of a server, of which there are only so many: when one more arrives, the one that has kept the
/// server waiting for longest makes room.
final class ConnectionTable: Sendable {
  typealias Number = UInt64

  private struct Connection {
    let close: @Sendable () -> Void
    /// Since when its client has sent or taken nothing; nil while the server works for it.
    var waitingSince: NIODeadline?
  }

  private struct State {
    var connections: [Number: Connection] = [:]
    var lastNumber: Number = 0
  }

  private let limit: Int
  private let state = Mutex(State())

  init(limit: Int) {
    self.limit = limit
  }

  var count: Int { self.state.withLock { $0.connections.count } }

  /// - Parameter close: ends the connection; called on any thread.
  /// - Returns: nil when all the others are being worked for.
  func admit(at now: NIODeadline, close: @escaping @Sendable () -> Void) -> Number? {
    let (number, evicted) = self.state.withLock { state -> (Number?, Connection?) in
      var evicted: Connection?
      if state.connections.count >= self.limit {
        let waiting = state.connections.compactMap { entry in entry.value.waitingSince.map { (entry.key, $0) } }
        guard let oldest = waiting.min(by: { $0.1 < $1.1 }) else { return (nil, nil) }
        evicted = state.connections.removeValue(forKey: oldest.0)
      }
      state.lastNumber += 1
      state.connections[state.lastNumber] = Connection(close: close, waitingSince: now)
      return (state.lastNumber, evicted)
    }
    evicted?.close()
    return number
  }

  func note(_ number: Number, waitingSince: NIODeadline?) {
    self.state.withLock { $0.connections[number]?.waitingSince = waitingSince }
  }

  func remove(_ number: Number) {
    self.state.withLock { _ = $0.connections.removeValue(forKey: number) }
  }
}
