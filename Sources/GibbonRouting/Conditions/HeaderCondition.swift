// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// A header that a route asks for: at least one of the request's values must be accepted.
struct HeaderCondition: Sendable {
  /// Lower case, `_` for `-`.
  let name: String

  /// Accepted values in lower case.
  let values: [[UInt8]]

  /// Accepted shapes, searched without case.
  let regexes: [Regex]

  func isMet(by details: any RouteRequestDetails, scratch: RouterScratch) -> Bool {
    var isMet = false
    details.visitHeaderValues(self.name) { value in
      isMet = self.accepts(value, scratch: scratch)
      return !isMet
    }
    return isMet
  }

  private func accepts(_ value: Span<UInt8>, scratch: RouterScratch) -> Bool {
    for accepted in self.values where value.equalsIgnoringCase(accepted.span) { return true }
    for regex in self.regexes where scratch.matches(regex, value) { return true }
    return false
  }

  /// A header's name as the router compares it.
  static func normalised(_ name: some StringProtocol) -> String {
    String(decoding: name.utf8.map { $0 == UInt8(ascii: "-") ? UInt8(ascii: "_") : $0.asciiLowercased }, as: UTF8.self)
  }
}
