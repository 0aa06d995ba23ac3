// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// A header that a route asks for: at least one of the request's values must be accepted.
struct HeaderCondition: Sendable {
  /// As `normalised`.
  let name: String

  /// Accepted values in lower case.
  let values: [[UInt8]]

  /// Accepted shapes, searched without case.
  let regexes: [Regex]

  func answer(_ details: any RouteRequestDetails, _ scratch: RouterScratch) -> RuleAnswer {
    var answer = RuleAnswer.unmet
    scratch.charge(reading: details.headerCount)
    details.visitHeaderValues(self.name) { value in
      answer = answer.or(self.answer(value, scratch))
      return answer != .met
    }
    return answer
  }

  private func answer(_ value: Span<UInt8>, _ scratch: RouterScratch) -> RuleAnswer {
    for accepted in self.values where value.equalsIgnoringCase(accepted.span) { return .met }
    var answer = RuleAnswer.unmet
    for regex in self.regexes where answer != .met { answer = answer.or(scratch.search(regex, value)) }
    return answer
  }

  /// A header's name as the flavor compares it: in lower case, and but for the traditional one with `_` for `-`.
  static func normalised(_ name: some StringProtocol, flavor: RouterFlavor) -> String {
    let replacesDashes = flavor != .traditional
    let bytes = name.utf8.map { replacesDashes && $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0.asciiLowercased }
    return String(decoding: bytes, as: UTF8.self)
  }
}
