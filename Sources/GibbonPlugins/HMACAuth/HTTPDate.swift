// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// A date in one of the three forms of RFC 9110 section 5.6.7, read as generously as nginx reads it: the day of the
/// week and the zone are not looked at.
struct HTTPDate: Sendable, Equatable {
  let unixSeconds: Int

  private enum Form { case fixed, dashed, ansi }

  /// nil for what is no date.
  init?(_ text: String) {
    var reader = Reader(bytes: Array(text.utf8))
    // `Sun, 06 Nov 1994 08:49:37 GMT`, `Sunday, 06-Nov-94 08:49:37 GMT` or `Sun Nov  6 08:49:37 1994`.
    guard let mark = reader.bytes.firstIndex(where: { $0 == UInt8(ascii: ",") || $0 == .space }) else { return nil }
    let isANSI = reader.bytes[mark] == .space
    reader.offset = mark + 1
    reader.skipSpaces()
    let parsed = isANSI ? Self.ansi(&reader) : Self.dayFirst(&reader)
    guard let parsed, let seconds = parsed.unixSeconds else { return nil }
    self.unixSeconds = seconds
  }

  private static func dayFirst(_ reader: inout Reader) -> Parts? {
    guard let day = reader.number(digits: 2), let separator = reader.next(),
      separator == .space || separator == UInt8(ascii: "-"), let month = reader.month(), reader.skip(separator)
    else { return nil }
    let year: Int
    if separator == .space {
      guard let digits = reader.number(digits: 4) else { return nil }
      year = digits
    } else {
      guard let digits = reader.number(digits: 2) else { return nil }
      year = digits + (digits < 70 ? 2000 : 1900)
    }
    guard reader.skip(.space), let time = reader.time() else { return nil }
    return Parts(year: year, month: month, day: day, secondOfDay: time)
  }

  private static func ansi(_ reader: inout Reader) -> Parts? {
    guard let month = reader.month(), reader.skip(.space) else { return nil }
    let day = reader.skip(.space) ? reader.number(digits: 1) : reader.number(digits: 2)
    guard let day, reader.skip(.space), let time = reader.time(), reader.skip(.space),
      let year = reader.number(digits: 4)
    else { return nil }
    return Parts(year: year, month: month, day: day, secondOfDay: time)
  }

  private struct Parts {
    let year: Int
    /// From zero.
    let month: Int
    let day: Int
    let secondOfDay: Int

    var unixSeconds: Int? {
      let isLeap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0)
      let lengths = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
      guard lengths.indices.contains(self.month), 1...lengths[self.month] ~= self.day else { return nil }
      // Days since the first of March of the year zero, when leap days come last.
      let shifted = (self.month + 10) % 12
      let year = self.month < 2 ? self.year - 1 : self.year
      let century = year >= 0 ? year / 100 : -1
      let days = 365 * year + (year >= 0 ? year / 4 : -1) - century + (year >= 0 ? year / 400 : -1)
      return (days + (153 * shifted + 2) / 5 + self.day - 1 - 719_468) * 86_400 + self.secondOfDay
    }
  }

  private struct Reader {
    let bytes: [UInt8]
    var offset = 0

    mutating func next() -> UInt8? {
      guard self.offset < self.bytes.count else { return nil }
      defer { self.offset += 1 }
      return self.bytes[self.offset]
    }

    mutating func skip(_ byte: UInt8) -> Bool {
      guard self.offset < self.bytes.count, self.bytes[self.offset] == byte else { return false }
      self.offset += 1
      return true
    }

    mutating func skipSpaces() { while self.skip(.space) {} }

    mutating func number(digits: Int) -> Int? {
      var value = 0
      for _ in 0..<digits {
        guard let byte = self.next(), byte.isASCIIDigit else { return nil }
        value = value * 10 + Int(byte - UInt8(ascii: "0"))
      }
      return value
    }

    private static let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]

    mutating func month() -> Int? {
      let name = self.bytes[self.offset...].prefix(3)
      guard let month = Self.months.firstIndex(where: { $0.utf8.elementsEqual(name) }) else { return nil }
      self.offset += 3
      return month
    }

    /// `08:49:37` as seconds of the day.
    mutating func time() -> Int? {
      guard let hour = self.number(digits: 2), self.skip(UInt8(ascii: ":")), let minute = self.number(digits: 2),
        self.skip(UInt8(ascii: ":")), let second = self.number(digits: 2), hour < 24, minute < 60, second < 60
      else { return nil }
      return hour * 3600 + minute * 60 + second
    }
  }
}
