// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import Glibc

/// The time of day as HTTP writes it (RFC 9110 section 5.6.7).
enum HTTPDate {
  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]

  static var now: String { self.text(time(nil)) }

  /// `Sun, 06 Nov 1994 08:49:37 GMT`
  static func text(_ seconds: time_t) -> String {
    var (seconds, parts) = (seconds, tm())
    // Safety: both are variables of this function, and gmtime_r() keeps neither.
    guard unsafe gmtime_r(&seconds, &parts) != nil else { return "" }
    let (weekday, month) = (Self.weekdays[Int(parts.tm_wday) % 7], Self.months[Int(parts.tm_mon) % 12])
    func two(_ number: Int32) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let clock = "\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))"
    return "\(weekday), \(two(parts.tm_mday)) \(month) \(parts.tm_year + 1900) \(clock) GMT"
  }
}
