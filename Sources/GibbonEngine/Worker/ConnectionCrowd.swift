// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What happens when a loop has as many clients as it may: those that have waited longest make room, connections
/// between requests first, then those whose request head does not come to an end.
struct ConnectionCrowd {
  /// Nobody could make room: new connections wait in the kernel's queue.
  var isWaiting = false
  private var closed = 0
  private var noticeDue: UInt64 = 0

  /// Closes a sixteenth of the clients at a time, so that looking through all of them is paid for once per batch.
  ///
  /// - Returns: how many are closed.
  mutating func makeRoom(among connections: some Collection<DownstreamConnection>, limit: Int) -> Int {
    let wanted = max(1, limit / 16)
    var waiting = connections.filter { $0.waitsSince != nil }
    if waiting.isEmpty { waiting = connections.filter { $0.headBeganAt != nil } }
    waiting.sort { ($0.waitsSince ?? $0.headBeganAt ?? 0) < ($1.waitsSince ?? $1.headBeganAt ?? 0) }
    let chosen = waiting.prefix(wanted)
    for connection in chosen { connection.abandon(saysSo: false) }
    self.closed += chosen.count
    return chosen.count
  }

  /// A line for the error log, at most one a second.
  mutating func notice(at now: UInt64, limit: Int) -> String? {
    guard now >= self.noticeDue else { return nil }
    self.noticeDue = now &+ 1000
    defer { self.closed = 0 }
    return self.closed > 0
      ? "\(limit) client connections on one loop: \(self.closed) that waited longest were closed "
        + "(nginx_events_worker_connections, nginx_main_worker_rlimit_nofile)"
      : "\(limit) client connections on one loop, all with requests under way: new ones wait "
        + "(nginx_events_worker_connections, nginx_main_worker_rlimit_nofile)"
  }
}
