// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// The signals a server answers, received by one waiting thread instead of a handler.
public enum Signal: Sendable {
  /// SIGTERM, SIGINT: stop now.
  case terminate
  /// SIGQUIT: finish what is in flight, then stop.
  case drain
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
      switch gibbon_wait_signal() {
      case SIGTERM, SIGINT: return .terminate
      case SIGQUIT: return .drain
      case SIGHUP: return .reload
      case SIGUSR1: return .reopenLogs
      default: continue
      }
    }
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
