// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// `google.protobuf.Timestamp` as JSON has it: RFC 3339, `1972-01-01T10:00:20.021Z`.
enum Timestamp {
  /// 0001-01-01T00:00:00Z to 9999-12-31T23:59:59Z.
  private static let seconds: ClosedRange<Int64> = -62_135_596_800...253_402_300_799

  static func text(_ seconds: Int64, _ nanos: Int64) throws(TranscodingError) -> String {
    guard Self.seconds.contains(seconds), 0...999_999_999 ~= nanos else {
      throw TranscodingError("a google.protobuf.Timestamp is out of range")
    }
    let shifted = seconds - Self.seconds.lowerBound
    let (days, rest) = shifted.quotientAndRemainder(dividingBy: 86_400)
    let (year, month, day) = Calendar.date(days: days)
    let time = "\(Digits.padded(rest / 3600, 2)):\(Digits.padded(rest / 60 % 60, 2)):\(Digits.padded(rest % 60, 2))"
    let date = "\(Digits.padded(year, 4))-\(Digits.padded(month, 2))-\(Digits.padded(day, 2))"
    return "\(date)T\(time)\(Digits.fraction(nanos))Z"
  }

  static func parse(
    _ text: String, at place: String
  ) throws(TranscodingError) -> (seconds: Int64, nanos: Int64) {
    var reader = TimeReader(text)
    guard let year = reader.digits(4), reader.skip("-"), let month = reader.digits(2), reader.skip("-"),
      let day = reader.digits(2), reader.skip("T") || reader.skip("t"), let hour = reader.digits(2), reader.skip(":"),
      let minute = reader.digits(2), reader.skip(":"), let second = reader.digits(2), let nanos = reader.fraction(),
      let offset = reader.offset(), reader.isAtEnd, year >= 1, 1...12 ~= month,
      1...Calendar.length(ofMonth: month, year: year) ~= day, hour < 24, minute < 60, second < 60
    else { throw TranscodingError(place, "expected a time as in 1972-01-01T10:00:20.021Z") }
    let days = Calendar.days(year: year, month: month, day: day)
    let seconds = days * 86_400 + hour * 3600 + minute * 60 + second - offset + Self.seconds.lowerBound
    guard Self.seconds.contains(seconds) else {
      throw TranscodingError(place, "expected a time in the years 1 to 9999")
    }
    return (seconds, nanos)
  }
}

/// `google.protobuf.Duration` as JSON has it: seconds, `-1.5s`.
enum DurationText {
  /// 10,000 years.
  private static let largestSeconds: Int64 = 315_576_000_000

  static func text(_ seconds: Int64, _ nanos: Int64) throws(TranscodingError) -> String {
    guard -Self.largestSeconds...Self.largestSeconds ~= seconds, -999_999_999...999_999_999 ~= nanos,
      seconds == 0 || nanos == 0 || (seconds < 0) == (nanos < 0)
    else { throw TranscodingError("a google.protobuf.Duration is out of range") }
    return "\(seconds < 0 || nanos < 0 ? "-" : "")\(abs(seconds))\(Digits.fraction(abs(nanos)))s"
  }

  static func parse(
    _ text: String, at place: String
  ) throws(TranscodingError) -> (seconds: Int64, nanos: Int64) {
    var reader = TimeReader(text)
    let isNegative = reader.skip("-")
    guard let seconds = reader.number(), let nanos = reader.fraction(), reader.skip("s"), reader.isAtEnd,
      seconds <= Self.largestSeconds
    else { throw TranscodingError(place, "expected seconds as in 1.5s") }
    return isNegative ? (-seconds, -nanos) : (seconds, nanos)
  }
}

private enum Digits {
  static func padded(_ value: Int64, _ width: Int) -> String {
    let digits = "\(value)"
    return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
  }

  /// `.021`, with three, six or nine digits; nothing for zero.
  static func fraction(_ nanos: Int64) -> String {
    if nanos == 0 { return "" }
    if nanos % 1_000_000 == 0 { return "." + Self.padded(nanos / 1_000_000, 3) }
    return nanos % 1000 == 0 ? "." + Self.padded(nanos / 1000, 6) : "." + Self.padded(nanos, 9)
  }
}

/// Days of the Gregorian calendar, from 0001-01-01.
private enum Calendar {
  static func isLeap(_ year: Int64) -> Bool { year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) }

  static func length(ofMonth month: Int64, year: Int64) -> Int64 {
    switch month {
    case 2: Self.isLeap(year) ? 29 : 28
    case 4, 6, 9, 11: 30
    default: 31
    }
  }

  static func days(year: Int64, month: Int64, day: Int64) -> Int64 {
    let before = year - 1
    let months = (1..<month).reduce(0) { $0 + Self.length(ofMonth: $1, year: year) }
    return before * 365 + before / 4 - before / 100 + before / 400 + months + day - 1
  }

  static func date(days: Int64) -> (year: Int64, month: Int64, day: Int64) {
    // The guess is at most a year too small.
    var year = days / 366 + 1
    while Self.days(year: year + 1, month: 1, day: 1) <= days {
      // 400 years have 146,097 days.
      year += max(1, (days - Self.days(year: year + 1, month: 1, day: 1)) / 366)
    }
    var rest = days - Self.days(year: year, month: 1, day: 1)
    var month: Int64 = 1
    while rest >= Self.length(ofMonth: month, year: year) {
      rest -= Self.length(ofMonth: month, year: year)
      month += 1
    }
    return (year, month, rest + 1)
  }
}

private struct TimeReader {
  private var rest: Substring.UTF8View

  init(_ text: String) { self.rest = text[...].utf8 }

  var isAtEnd: Bool { self.rest.isEmpty }

  mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
    guard self.rest.first == UInt8(ascii: scalar) else { return false }
    self.rest.removeFirst()
    return true
  }

  mutating func digits(_ count: Int) -> Int64? {
    var value: Int64 = 0
    for _ in 0..<count {
      guard let byte = self.rest.first, byte.isASCIIDigit else { return nil }
      value = value * 10 + Int64(byte - 0x30)
      self.rest.removeFirst()
    }
    return value
  }

  /// Up to twelve digits.
  mutating func number() -> Int64? {
    let count = self.rest.prefix(13).prefix { $0.isASCIIDigit }.count
    return 1...12 ~= count ? self.digits(count) : nil
  }

  /// Billionths; zero without a point.
  mutating func fraction() -> Int64? {
    guard self.skip(".") else { return 0 }
    let count = self.rest.prefix(10).prefix { $0.isASCIIDigit }.count
    guard 1...9 ~= count, let value = self.digits(count) else { return nil }
    return (count..<9).reduce(value) { value, _ in value * 10 }
  }

  /// Seconds east of Greenwich.
  mutating func offset() -> Int64? {
    if self.skip("Z") || self.skip("z") { return 0 }
    let isWest = self.skip("-")
    guard isWest || self.skip("+"), let hours = self.digits(2), self.skip(":"), let minutes = self.digits(2),
      hours < 24, minutes < 60
    else { return nil }
    return (hours * 3600 + minutes * 60) * (isWest ? -1 : 1)
  }
}
