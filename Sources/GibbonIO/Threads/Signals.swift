// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// What comes with a SIGQUIT that was queued: how the one who asks for a graceful end wants it.
///
/// Without it (plain `kill`), the drain begins at once and has the server's own limits.
public struct DrainRequest: Sendable, Hashable {
  /// Before new connections are refused, so that load balancers can look elsewhere.
  public let waitSeconds: Int
  /// For what is under way, from then on.
  public let limitSeconds: Int?

  public init(waitSeconds: Int = 0, limitSeconds: Int? = nil) {
    self.waitSeconds = max(0, min(waitSeconds, Int(Int32.max)))
    self.limitSeconds = limitSeconds.map { max(1, min($0, Int(Int32.max))) }
  }

  /// Both numbers in the value of a queued signal; 0 is no request.
  var value: UInt64 { UInt64(self.waitSeconds) << 32 | UInt64(self.limitSeconds ?? 0) }

  init(value: UInt64) {
    let limit = Int(value & 0xFFFF_FFFF)
    self.init(waitSeconds: Int(value >> 32), limitSeconds: limit == 0 ? nil : limit)
  }
}

/// The signals a server answers, received by one waiting thread instead of a handler.
public enum Signal: Sendable, Hashable {
  /// SIGTERM, SIGINT: stop now.
  case terminate
  /// SIGQUIT: finish what is in flight, then stop.
  case drain(DrainRequest)
  /// SIGHUP: apply the configuration again.
  case reload
  /// SIGUSR1: open the log files again.
  case reopenLogs

  /// Must run before any other thread is started, so that they inherit the mask. SIGPIPE is ignored.
  public static func block() { _ = gibbon_block_signals() }

  /// Whether the end has been asked for while nobody waited for it.
  public static var isEndAsked: Bool {
    var pending = sigset_t()
    // Safety: the set is a variable of its own.
    guard unsafe sigpending(&pending) == 0 else { return false }
    return [SIGTERM, SIGINT, SIGQUIT].contains { unsafe sigismember(&pending, $0) == 1 }
  }

  /// Waits for the next signal.
  public static func next() -> Signal {
    while true {
      var value: UInt64 = 0
      // Safety: the shim fills a local.
      switch unsafe gibbon_wait_signal(&value) {
      case SIGTERM, SIGINT: return .terminate
      case SIGQUIT: return .drain(DrainRequest(value: value))
      case SIGHUP: return .reload
      case SIGUSR1: return .reopenLogs
      default: continue
      }
    }
  }

  /// Asks another process for a graceful end.
  ///
  /// - Throws: what the system said, for instance of another user's process.
  public static func send(_ request: DrainRequest, to process: Int32) throws(SystemError) {
    let result = gibbon_queue_signal(process, SIGQUIT, request.value)
    if result < 0 { throw SystemError(negated: result) }
  }
}

/// Limits and memory of this process.
public enum ProcessLimits {
  /// After a large configuration was read and dropped: gives its memory back to the system, and sorts what is
  /// left, which this thread's next allocations would otherwise stop for.
  public static func tidyHeap() { gibbon_tidy_heap() }

  /// Raises the number of open files towards `wanted` (0: as far as allowed); returns what is in force.
  @discardableResult
  public static func raiseOpenFiles(to wanted: UInt64) -> UInt64 { gibbon_raise_file_limit(wanted) }
}
