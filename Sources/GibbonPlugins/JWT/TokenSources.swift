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

  private let arguments: [[UInt8]]
  private let cookies: [[UInt8]]
  private let headers: [FieldName]

  init(arguments: [String], cookies: [String], headers: [String]) {
    self.arguments = arguments.map { Array($0.utf8) }
    self.cookies = cookies.map { $0.utf8.map(\.asciiLowercased) }
    // An underscore stands for a dash, as in Kong's view of headers.
    self.headers = headers.flatMap { name in
      name.contains("_") ? [FieldName(name), FieldName(name.replacing("_", with: "-"))] : [FieldName(name)]
    }
  }

  func find(in context: RequestContext) -> Finding {
    var tokens = Tokens()
    if !self.arguments.isEmpty {
      let query = context.request.rawQuery
      if !query.isEmpty { self.search(query: query, &tokens) }
    }
    if !self.cookies.isEmpty {
      let lines = context.request.headers("cookie").map { Array($0.utf8) }
      for name in self.cookies {
        // Of a name that is there more than once the first counts.
        if let value = lines.lazy.compactMap({ Self.cookie(name, in: $0) }).first { tokens.insert(value[...]) }
      }
    }
    for name in self.headers {
      if let token = context.request.withHeaderBytes(name, { value, _ in Self.bearerToken(in: value) }) ?? nil {
        tokens.insert(token[...])
      }
    }
    return tokens.finding
  }

  // MARK: Places

  private func search(query: String, _ tokens: inout Tokens) {
    for part in Array(query.utf8).split(separator: UInt8(ascii: "&")) {
      let mark = part.firstIndex(of: UInt8(ascii: "="))
      let name = Self.decoded(part[..<(mark ?? part.endIndex)])
      guard self.arguments.contains(where: { $0.elementsEqual(name) }) else { continue }
      if let mark {
        tokens.insert(Self.decoded(part[(mark + 1)...]))
      } else {
        tokens.insertWithoutValue()
      }
    }
  }

  private static func decoded(_ text: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    guard text.contains(where: { $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "+") }) else { return text }
    return Array(QueryString.decode(String(decoding: text, as: UTF8.self)).utf8)[...]
  }

  /// The value of a cookie in a field, found as nginx finds it: without case, up to the next semicolon.
  /// - Parameter name: in lower case.
  static func cookie(_ name: [UInt8], in line: [UInt8]) -> [UInt8]? {
    var start = line.startIndex
    while start < line.endIndex {
      if let value = Self.value(of: name, in: line[start...]) { return value }
      let end = line[start...].firstIndex { $0 == UInt8(ascii: ";") || $0 == UInt8(ascii: ",") }
      guard let end else { return nil }
      start = line[(end + 1)...].firstIndex { $0 != .space } ?? line.endIndex
    }
    return nil
  }

  /// The value, when the text begins with this name and an equals sign.
  private static func value(of name: [UInt8], in text: ArraySlice<UInt8>) -> [UInt8]? {
    guard text.prefix(name.count).lazy.map(\.asciiLowercased).elementsEqual(name) else { return nil }
    let rest = text.dropFirst(name.count).drop { $0 == .space }
    guard rest.first == UInt8(ascii: "=") else { return nil }
    let value = rest.dropFirst().drop { $0 == .space }
    return Array(value.prefix { $0 != UInt8(ascii: ";") })
  }

  /// What follows the word `Bearer` and spaces. The word may stand anywhere, and begin with a small letter.
  static func bearerToken(in value: Span<UInt8>) -> [UInt8]? {
    var index = 0
    while index + 7 < value.count {
      defer { index += 1 }
      guard value[index] | 0x20 == UInt8(ascii: "b"),
        value.extracting((index + 1)..<(index + 6)).equals("earer"), Self.isSpace(value[index + 6])
      else { continue }
      var start = index + 7
      while start < value.count, Self.isSpace(value[start]) { start += 1 }
      if start < value.count { return value.extracting(start...).array }
    }
    return nil
  }

  private static func isSpace(_ byte: UInt8) -> Bool { byte == .space || 0x09...0x0D ~= byte }

  // MARK: What was found

  /// Different tokens of a request; more than two are not kept.
  private struct Tokens {
    private var first: [UInt8]?
    private var hasSeveral = false
    private var hasNamelessValue = false

    mutating func insert(_ token: ArraySlice<UInt8>) {
      guard !token.isEmpty else { return }
      guard let first = self.first else {
        self.first = Array(token)
        return
      }
      if !first.elementsEqual(token) { self.hasSeveral = true }
    }

    mutating func insertWithoutValue() { self.hasNamelessValue = true }

    var finding: Finding {
      if self.hasSeveral || (self.first != nil && self.hasNamelessValue) { return .several }
      if self.hasNamelessValue { return .unrecognizable }
      guard let first = self.first else { return .none }
      return first.count > SignedToken.maximumBytes ? .unrecognizable : .token(first)
    }
  }
}
