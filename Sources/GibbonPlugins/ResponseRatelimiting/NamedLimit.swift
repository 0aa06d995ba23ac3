// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// How much of one thing may be used in a period.
struct NamedLimit: Sendable {
  let name: String
  let limits: [PeriodLimit]
  /// Tells its counters in memory from others.
  let hash: Int

  /// What is left in each period; below zero where more was used than allowed. What was given back beyond what was
  /// used is no credit.
  func remaining(_ usage: Usage) -> [Double] {
    zip(self.limits, usage.counts).map { $0.limit - Double(max(0, $1)) }
  }
}

/// What a response says was used: `video=2, image=1`.
enum Increments {
  /// Pairs that are read, of all fields together, and what one may add or give back at most.
  static let pairLimit = 256
  static let amountLimit: Double = 0x1p40
  /// A counter beyond this is added to no more: no number of amounts makes it overflow.
  static let countLimit: UInt64 = 1 << 60

  /// How much of each limit, in their order.
  ///
  /// As in Kong the last of several pairs with one name counts, and what is no number counts nothing.
  ///
  /// - Parameter places: of the limits, by name. Other names are ignored.
  static func parse(_ fields: [String], places: [String: Int]) -> [Int64] {
    var amounts = [Int64](repeating: 0, count: places.count)
    let comma = UInt8(ascii: ",")
    let pairs = fields.lazy.flatMap { $0.utf8.split(separator: comma, maxSplits: Self.pairLimit) }
    for pair in pairs.prefix(Self.pairLimit) {
      let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 2, let place = places[Self.trimmed(parts[0])] else { continue }
      amounts[place] = Self.amount(Self.trimmed(parts[1]))
    }
    return amounts
  }

  /// Counters have whole numbers: a part of one counts as one.
  private static func amount(_ text: String) -> Int64 {
    guard let number = Double(text) else { return 0 }
    return Int64(clamping: min(max(number.rounded(.up), -Self.amountLimit), Self.amountLimit))
  }

  private static func trimmed(_ text: Substring.UTF8View) -> String {
    var text = text.drop { $0 == .space || $0 == .tab }
    while let last = text.last, last == .space || last == .tab { text.removeLast() }
    return String(text) ?? ""
  }
}
