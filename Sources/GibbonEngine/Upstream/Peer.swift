// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO

/// One address requests go to, and this loop's idle connections to it.
///
/// Confined to its loop.
final class Peer {
  let address: SocketAddress
  private var idle: [UpstreamConnection] = []

  init(address: SocketAddress) { self.address = address }

  var idleCount: Int { self.idle.count }

  /// The connection that was used last, which is the one least likely to be stale.
  func takeIdle() -> UpstreamConnection? {
    while let connection = self.idle.last {
      self.removeLast()
      connection.idleIndex = -1
      // What waits to be read belongs to an answer that was over, or says that the service has closed.
      if connection.isOpen, !connection.isPeerClosed, !connection.hasInput { return connection }
      connection.close()
    }
    return nil
  }

  /// Keeps a connection for later; the oldest makes room.
  func keep(_ connection: UpstreamConnection, limit: Int) {
    if self.idle.count >= limit, let oldest = self.idle.first {
      self.remove(oldest)
      oldest.close()
    }
    connection.idleIndex = self.idle.count
    self.change { $0.append(connection) }
  }

  private func removeLast() { self.change { $0.removeLast() } }

  /// As in `Exchange+Held`.
  @inline(__always)
  private func change(_ change: (inout [UpstreamConnection]) -> Void) {
    var idle: [UpstreamConnection] = []
    swap(&idle, &self.idle)
    change(&idle)
    swap(&idle, &self.idle)
  }

  func remove(_ connection: UpstreamConnection) {
    let index = connection.idleIndex
    guard index >= 0, index < self.idle.count, self.idle[index] === connection else { return }
    let last = self.idle.count - 1
    if index < last {
      let moved = self.idle[last]
      moved.idleIndex = index
      self.change { $0[index] = moved }
    }
    self.removeLast()
    connection.idleIndex = -1
  }
}
