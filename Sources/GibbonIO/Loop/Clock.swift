// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import CGibbonLinux
internal import Glibc

/// The two clocks a gateway needs, in microseconds.
public enum Clock {
  /// Never goes back; only differences mean something.
  public static var monotonicMicroseconds: UInt64 { gibbon_monotonic_us() }
  /// Since 1970-01-01 UTC.
  public static var realtimeMicroseconds: UInt64 { gibbon_realtime_us() }

  /// Seconds the local time zone is ahead of UTC at a moment.
  public static func utcOffsetSeconds(at unixSeconds: Int) -> Int {
    var moment = time_t(unixSeconds)
    var parts = unsafe tm()
    // Safety: both are locals; the reentrant call fills `parts`.
    guard unsafe localtime_r(&moment, &parts) != nil else { return 0 }
    return unsafe parts.tm_gmtoff
  }
}
