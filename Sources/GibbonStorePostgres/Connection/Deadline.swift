// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// A moment after which nobody waits any more.
struct Deadline {
  private let end: ContinuousClock.Instant

  init(milliseconds: Int) { self.end = ContinuousClock.now.advanced(by: .milliseconds(milliseconds)) }

  /// As `poll` takes it.
  var remainingMilliseconds: Int32 {
    let left = ContinuousClock.now.duration(to: self.end)
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    let milliseconds = attoseconds / 1_000_000_000_000_000 + 1
    return Int32(clamping: seconds.multipliedReportingOverflow(by: 1000).partialValue &+ milliseconds)
  }

  var isOver: Bool { ContinuousClock.now >= self.end }
}

enum Descriptors {
  /// Waits until one of them can do what is asked of it.
  ///
  /// - Returns: false when the time was over first.
  static func wait(_ wanted: [(descriptor: Int32, events: Int16)], _ deadline: Deadline) -> Bool {
    var polled = wanted.map { pollfd(fd: $0.descriptor, events: $0.events, revents: 0) }
    while true {
      // Safety: the array lives for the call and is as long as is said.
      let ready = unsafe poll(&polled, nfds_t(polled.count), deadline.remainingMilliseconds)
      if ready > 0 { return true }
      // A failure other than an interruption shows in the next call on the connection.
      if ready < 0, errno != EINTR { return true }
      if deadline.isOver { return false }
    }
  }
}

/// Wakes a thread that waits in `poll`.
final class Wake: Sendable {
  let readable: Int32
  private let writable: Int32

  init() throws {
    var ends: [Int32] = [-1, -1]
    // Safety: the array has the two places that are written.
    guard unsafe pipe(&ends) == 0 else { throw PostgresFault.lost("no descriptors left") }
    for end in ends {
      _ = fcntl(end, F_SETFD, FD_CLOEXEC)
      _ = fcntl(end, F_SETFL, O_NONBLOCK)
    }
    self.readable = ends[0]
    self.writable = ends[1]
  }

  deinit {
    close(self.readable)
    close(self.writable)
  }

  func send() {
    var byte: UInt8 = 1
    // Safety: one byte from a variable of that size. A full pipe wakes as well.
    _ = unsafe write(self.writable, &byte, 1)
  }
}
