// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// Which origins the configuration lets read responses.
enum AllowedOrigins {
  case all
  /// One, told to everybody: a browser elsewhere sees that it is not meant.
  case one(String)
  case several([Pattern])

  struct Pattern {
    enum Kind {
      case literal(String)
      case expression(Regex)
    }

    let kind: Kind
    /// A pattern without a colon is about the host only.
    let isAboutHost: Bool
  }

  init(_ origins: [String]) throws {
    if origins.isEmpty || (origins.count == 1 && origins[0].isSame(as: "*")) {
      self = .all
    } else if origins.count == 1, let only = origins.first, Self.isLiteral(only) {
      self = .one(only)
    } else {
      self = .several(try origins.map { try Pattern($0) })
    }
  }

  /// What has nothing but letters, digits and `.:/-` is an origin, anything else an expression.
  fileprivate static func isLiteral(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.allSatisfy { $0.isASCIILetter || $0.isASCIIDigit || ".:/-".utf8.contains($0) }
  }
}

extension AllowedOrigins.Pattern {
  /// - Throws: when the text is no expression.
  init(_ text: String) throws {
    self.isAboutHost = !text.utf8.contains(UInt8(ascii: ":"))
    if text.isSame(as: "*") || AllowedOrigins.isLiteral(text) {
      self.kind = .literal(Origin(text).domain)
      return
    }
    // It must be an expression by itself too: a parenthesis that ends ours would open it to any origin.
    _ = try Regex.compile(text)
    // The expression is about the whole origin, every alternative of it, whether or not it says so.
    self.kind = .expression(try Regex.compile("(?:\(text))$", options: [.anchored, .dollarEndOnly]))
  }

  var isEverything: Bool {
    if case .literal(let text) = self.kind { text.isSame(as: "*") } else { false }
  }

  func matches(_ origin: Origin) -> Bool {
    switch self.kind {
    case .literal(let domain): return origin.domain.isSame(as: domain)
    // A search that is given up admits nobody.
    case .expression(let regex):
      let subject = self.isAboutHost ? origin.host : origin.domain
      var budget = RegexBudget()
      return regex.search(subject.utf8.span, budget: &budget) == .matched
    }
  }
}
