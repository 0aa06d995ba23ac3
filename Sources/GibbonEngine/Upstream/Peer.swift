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
    while let connection = self.idle.popLast() {
      connection.idleIndex = -1
      if connection.isOpen, !connection.isPeerClosed { return connection }
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
    self.idle.append(connection)
  }

  func remove(_ connection: UpstreamConnection) {
    let index = connection.idleIndex
    guard index >= 0, index < self.idle.count, self.idle[index] === connection else { return }
    let last = self.idle.count - 1
    if index < last {
      let moved = self.idle[last]
      moved.idleIndex = index
      self.idle[index] = moved
    }
    self.idle.removeLast()
    connection.idleIndex = -1
  }
}
