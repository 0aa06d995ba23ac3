// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonIO

/// What happens when a loop has as many clients as it may: those that have waited longest make room, connections
/// between requests first, then those whose request head does not come to an end.
struct ConnectionCrowd {
  /// Nobody could make room: new connections wait in the kernel's queue.
  var isWaiting = false
  var closed = 0
  private var noticeDue: UInt64 = 0

  /// A client that waits for less may have a request on its way, which is only not read yet.
  private static let patienceMilliseconds: UInt64 = 50

  /// Who makes room: a sixteenth of the clients at a time, so that looking through all of them is paid for once per
  /// batch. Whoever asked closes them, for closing changes what it holds of them.
  static func chosen(
    among connections: some Collection<DownstreamConnection>, limit: Int, now: UInt64
  ) -> ArraySlice<DownstreamConnection> {
    let wanted = max(1, limit / 16)
    let latest = now &- min(now, ConnectionCrowd.patienceMilliseconds)
    var waiting = connections.filter { $0.waitsSince.map { $0 <= latest } ?? false }
    if waiting.isEmpty { waiting = connections.filter { $0.headBeganAt.map { $0 <= latest } ?? false } }
    waiting.sort { ($0.waitsSince ?? $0.headBeganAt ?? 0) < ($1.waitsSince ?? $1.headBeganAt ?? 0) }
    return waiting.prefix(wanted)
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

extension DownstreamConnection {
  /// When it began to wait for a request, in the loop's milliseconds; nil while there is one.
  var waitsSince: UInt64? {
    guard self.state == .head, self.exchange == nil, let due = self.due else { return nil }
    let settings = self.worker.downstreamSettings
    return due &- UInt64(max(0, self.requests == 0 ? settings.headerTimeout : settings.keepAliveTimeout))
  }

  /// When the head of a request began that is not whole yet.
  var headBeganAt: UInt64? {
    guard self.state == .head || self.state == .proxyHeader, let due = self.due else { return nil }
    return due &- UInt64(max(0, self.worker.downstreamSettings.headerTimeout))
  }
}
