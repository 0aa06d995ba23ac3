// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// nginx's notation for time: numbers with `ms`, `s`, `m`, `h`, `d`, `w`, `M` (30 days), `y` (365 days),
/// added up; a bare number is seconds.
enum TimeText {
  static func duration(_ text: String) throws(ValueFault) -> Duration {
    let fault = ValueFault("expected \(PropertyType.duration.expectation)")
    var total: Int64 = 0
    var rest = text[...].utf8
    var isFirst = true
    while true {
      rest = rest.drop { $0 == UInt8(ascii: " ") }
      if rest.isEmpty { break }
      let digits = rest.prefix { (0x30...0x39).contains($0) }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { (0x41...0x7A).contains($0) }
      rest = rest.dropFirst(unit.count)
      guard let number = Int64(Substring(digits)), let scale = Self.milliseconds[String(Substring(unit))] else {
        throw fault
      }
      let (part, overflow) = number.multipliedReportingOverflow(by: scale)
      let (sum, carry) = total.addingReportingOverflow(part)
      guard !overflow, !carry, sum <= Self.longest else { throw ValueFault("longer than 100 years") }
      total = sum
      isFirst = false
    }
    if isFirst { throw fault }
    return .milliseconds(total)
  }

  private static let milliseconds: [String: Int64] = [
    "ms": 1, "": 1_000, "s": 1_000, "m": 60_000, "h": 3_600_000, "d": 86_400_000, "w": 604_800_000,
    "M": 2_592_000_000, "y": 31_536_000_000,
  ]

  private static let longest: Int64 = 3_153_600_000_000
}

/// How long an idle client connection is kept, and what it is told.
public struct KeepaliveTimeout: Sendable, Hashable {
  /// Zero closes after each response.
  public let idle: Duration
  /// The value of the response header `Keep-Alive: timeout=`; nil sends none.
  public let announced: Duration?

  init(idle: Duration, announced: Duration?) {
    self.idle = idle
    self.announced = announced
  }

  init(parsing text: String) throws(ValueFault) {
    let words = ListText.words(text)
    guard (1...2).contains(words.count) else {
      throw ValueFault("expected \(PropertyType.keepaliveTimeout.expectation)")
    }
    self.idle = try TimeText.duration(String(words[0]))
    self.announced = words.count == 2 ? try TimeText.duration(String(words[1])) : nil
  }
}
