// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// Where a request may carry its token: query arguments, cookies and headers.
struct TokenSources: Sendable {
  enum Finding: Sendable, Equatable {
    case none
    /// More than one, and they differ.
    case several
    /// An argument without a value, or a text too long for a token.
    case unrecognizable
    case token([UInt8])
  }

  let arguments: [String]
  private let cookies: [[UInt8]]
  private let headers: [FieldName]

  init(arguments: [String], cookies: [String], headers: [String]) {
    self.arguments = arguments
    self.cookies = cookies.map { $0.utf8.map(\.asciiLowercased) }
    // An underscore stands for a dash, as in Kong's view of headers.
    self.headers = headers.flatMap { name in
      name.utf8.contains(UInt8(ascii: "_")) ? [FieldName(name), FieldName(name.dashed)] : [FieldName(name)]
    }
  }

  func find(in context: RequestContext) -> Finding {
    var tokens = Tokens()
    if !self.arguments.isEmpty {
      for name in self.arguments {
        for value in context.request.queryValues(name) {
          if let value { tokens.insert(value[...]) } else { tokens.insertWithoutValue() }
        }
      }
    }
    if !self.cookies.isEmpty {
      let lines = context.request.headers("cookie").map { Array($0.utf8) }
      for name in self.cookies {
        for line in lines { CookieLine.values(of: name, in: line) { tokens.insert($0) } }
      }
    }
    for name in self.headers {
      let found = context.request.withHeaderBytes(name) { (token: BearerField.token(in: $0), count: $1) }
      guard let found, let token = found.token else { continue }
      tokens.insert(token[...])
      // Of fields that come more than once the service may read another than this: they must agree.
      let others = found.count > 1 ? context.request.headers(name.text) : []
      if others.contains(where: { BearerField.token(in: $0.utf8.span) != token }) { tokens.differ() }
    }
    return tokens.finding
  }

  // MARK: What was found

  /// Different tokens of a request; more than two are not kept.
  private struct Tokens {
    private var first: [UInt8]?
    private var hasSeveral = false
    private var hasNamelessValue = false

    mutating func insert(_ token: ArraySlice<UInt8>) {
      guard !token.isEmpty, !self.hasSeveral else { return }
      guard let first = self.first else {
        self.first = Array(token)
        return
      }
      if first.count != token.count || !first.elementsEqual(token) { self.hasSeveral = true }
    }

    mutating func differ() { self.hasSeveral = true }

    mutating func insertWithoutValue() { self.hasNamelessValue = true }

    var finding: Finding {
      if self.hasSeveral || (self.first != nil && self.hasNamelessValue) { return .several }
      if self.hasNamelessValue { return .unrecognizable }
      guard let first = self.first else { return .none }
      return first.count > SignedToken.maximumBytes ? .unrecognizable : .token(first)
    }
  }
}
