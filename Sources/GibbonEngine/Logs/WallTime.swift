// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonIO

/// A moment in the three forms the gateway writes.
public struct WallTime {
  private let seconds: Int

  public init(microseconds: UInt64) { self.seconds = Int(microseconds / 1_000_000) }

  private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
  private static let weekdays = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"]

  private struct Parts {
    var year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, weekday = 0
  }

  /// Days to a date by eras of 400 years, which begin in March.
  private static func parts(of seconds: Int) -> Parts {
    let days = seconds / 86400
    let rest = seconds % 86400
    let shifted = days + 719_468
    let era = shifted / 146_097
    let dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return Parts(
      year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month: month,
      day: dayOfYear - (153 * monthFromMarch + 2) / 5 + 1,
      hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60, weekday: days % 7)
  }

  /// `Sun, 06 Nov 1994 08:49:37 GMT` (RFC 9110 section 5.6.7).
  func appendHTTPDate(to buffer: inout ByteBuffer) {
    let parts = WallTime.parts(of: self.seconds)
    buffer.append(text: WallTime.weekdays[parts.weekday])
    buffer.append(", ")
    WallTime.append(parts.day, to: &buffer)
    buffer.append(text: " \(WallTime.months[parts.month - 1]) \(parts.year) ")
    WallTime.appendClock(parts, to: &buffer)
    buffer.append(" GMT")
  }

  /// `06/Nov/1994:08:49:37 +0000`, local time: nginx's `$time_local`.
  public func appendAccessLogTime(to buffer: inout ByteBuffer) {
    let offset = Clock.utcOffsetSeconds(at: self.seconds)
    let parts = WallTime.parts(of: self.seconds + offset)
    WallTime.append(parts.day, to: &buffer)
    buffer.append(text: "/\(WallTime.months[parts.month - 1])/\(parts.year):")
    WallTime.appendClock(parts, to: &buffer)
    buffer.append(offset < 0 ? " -" : " +")
    WallTime.append(abs(offset) / 3600, to: &buffer)
    WallTime.append(abs(offset) / 60 % 60, to: &buffer)
  }

  /// `1994/11/06 08:49:37`, local time.
  func appendErrorLogTime(to buffer: inout ByteBuffer) {
    let parts = WallTime.parts(of: self.seconds + Clock.utcOffsetSeconds(at: self.seconds))
    buffer.append(text: "\(parts.year)/")
    WallTime.append(parts.month, to: &buffer)
    buffer.append("/")
    WallTime.append(parts.day, to: &buffer)
    buffer.append(" ")
    WallTime.appendClock(parts, to: &buffer)
  }

  private static func appendClock(_ parts: Parts, to buffer: inout ByteBuffer) {
    append(parts.hour, to: &buffer)
    buffer.append(":")
    append(parts.minute, to: &buffer)
    buffer.append(":")
    append(parts.second, to: &buffer)
  }

  /// Two digits.
  private static func append(_ value: Int, to buffer: inout ByteBuffer) {
    if value < 10 { buffer.append("0") }
    buffer.append(decimal: value)
  }
}
