// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import Testing

@testable import GibbonPlugins

/// The calendar of the limits, against another one.
@Suite struct PeriodTests {
  private static let calendar: Calendar = {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = TimeZone(secondsFromGMT: 0) ?? .current
    return calendar
  }()

  private static func reference(_ period: Period, _ time: Int) -> Int {
    let date = Date(timeIntervalSince1970: Double(time))
    let component: Calendar.Component =
      switch period {
      case .second: .second
      case .minute: .minute
      case .hour: .hour
      case .day: .day
      case .month: .month
      case .year: .year
      }
    return Int(Self.calendar.dateInterval(of: component, for: date)?.start.timeIntervalSince1970 ?? -1)
  }

  @Test(arguments: Period.allCases)
  func spansBeginWhereTheCalendarSays(period: Period) {
    // Every eleven days and some hours, from 1971 to 2105, across leap years and a century that is none.
    for step in 0..<4400 {
      let time = 40_000_000 + step * 963_211
      #expect(period.start(of: time) == Self.reference(period, time), "\(period) at \(time)")
    }
  }

  @Test(arguments: Period.allCases)
  func spansEndWhereTheNextBegins(period: Period) {
    for step in 0..<4400 {
      let start = period.start(of: 40_000_000 + step * 963_211)
      let end = period.end(of: start)
      #expect(period.start(of: end) == end && period.start(of: end - 1) == start, "\(period) from \(start)")
    }
  }

  @Test(arguments: [
    (1_709_164_800, 1_706_745_600, 1_704_067_200),  // 2024-02-29
    (951_782_400, 949_363_200, 946_684_800),  // 2000-02-29
    (946_684_799, 944_006_400, 915_148_800),  // the last second of 1999
    (0, 0, 0),
  ])
  func monthsAndYearsHaveTheirEdges(time: Int, month: Int, year: Int) {
    #expect(Period.month.start(of: time) == month)
    #expect(Period.year.start(of: time) == year)
  }
}
