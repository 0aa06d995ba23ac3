// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A span of the calendar, in UTC, within which requests are counted.
enum Period: Int, Sendable, CaseIterable {
  case second, minute, hour, day, month, year

  /// As in the configuration.
  var name: String { "\(self)" }

  /// As in header names: `X-RateLimit-Limit-Minute`.
  var title: String { self.name.prefix(1).uppercased() + self.name.dropFirst() }

  /// What Kong takes it to last.
  var seconds: Int {
    switch self {
    case .second: 1
    case .minute: 60
    case .hour: 3600
    case .day: 86_400
    case .month: 2_592_000
    case .year: 31_536_000
    }
  }

  /// When the span that contains a time began, in Unix seconds.
  func start(of time: Int) -> Int {
    switch self {
    case .second, .minute, .hour, .day: return time - Self.remainder(time, self.seconds)
    case .month, .year:
      let (year, month) = Self.civil(day: (time - Self.remainder(time, 86_400)) / 86_400)
      return Self.dayNumber(year, self == .year ? 1 : month) * 86_400
    }
  }

  /// When the span that began then ends: what it lasts, where that is not always the same. A counter that is forgotten
  /// earlier begins anew on the 31st of a month.
  func end(of start: Int) -> Int {
    switch self {
    case .second, .minute, .hour, .day: start + self.seconds
    case .month: self.start(of: start + 31 * 86_400)
    case .year: self.start(of: start + 366 * 86_400)
    }
  }

  private static func remainder(_ value: Int, _ divisor: Int) -> Int {
    let rest = value % divisor
    return rest < 0 ? rest + divisor : rest
  }

  /// Year and month of a day counted from 1970-01-01, in the proleptic Gregorian calendar.
  private static func civil(day: Int) -> (year: Int, month: Int) {
    // Years begin in March, so that the leap day is their last; 400 years are 146,097 days.
    let shifted = day + 719_468
    let era = (shifted >= 0 ? shifted : shifted - 146_096) / 146_097
    let dayOfEra = shifted - era * 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let monthFromMarch = (5 * dayOfYear + 2) / 153
    let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
    return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month)
  }

  /// The first day of a month, counted from 1970-01-01.
  private static func dayNumber(_ year: Int, _ month: Int) -> Int {
    let year = month <= 2 ? year - 1 : year
    let era = (year >= 0 ? year : year - 399) / 400
    let yearOfEra = year - era * 400
    let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
    return era * 146_097 + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear - 719_468
  }
}

/// How many requests a period allows.
struct PeriodLimit: Sendable {
  let period: Period
  /// May have a fraction; a request passes while less was used.
  let limit: Double

  /// As headers show it.
  var text: String { Self.text(self.limit) }

  /// Whole numbers without a point.
  static func text(_ number: Double) -> String { Int(exactly: number).map { "\($0)" } ?? "\(number)" }

  /// Those that are given, from the shortest period on.
  ///
  /// - Parameter amounts: one for each period, in the order of `Period`.
  static func list(_ amounts: [Double?]) -> [PeriodLimit] {
    zip(Period.allCases, amounts).compactMap { period, limit in limit.map { PeriodLimit(period: period, limit: $0) } }
  }
}

/// What was used of each limit before this request.
struct Usage: Sendable {
  /// In the order of the limits.
  let counts: [Int64]

  /// The longest period whose limit is used up; nil lets the request pass.
  func exhausted(_ limits: [PeriodLimit]) -> Period? {
    let place = limits.indices.last { self.counts.indices.contains($0) && Double(self.counts[$0]) >= limits[$0].limit }
    return place.map { limits[$0].period }
  }
}
