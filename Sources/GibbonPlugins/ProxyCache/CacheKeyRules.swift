// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// What makes two requests the same to the cache.
///
/// The text that is hashed is Kong's, `scope|method|request line|query|headers`. Kong joins names and values as they
/// are, so that `?a=1%3Ab%3D2` and `?a=1&b=2` have one key there and a client can put a response of its choice under
/// another request's. Here what separates is escaped where it is part of a name or value.
struct CacheKeyRules: Sendable {
  /// The parameters that count, in this order; nil for all.
  private let parameters: [[UInt8]]?
  private let headers: [VaryHeader]
  private let ignoresCase: Bool

  private struct VaryHeader: Sendable {
    let text: [UInt8]
    /// Kong looks for the name as it stands, then with `-` for `_`.
    let names: [FieldName]
  }

  init(parameters: [String]?, headers: [String]?, ignoresCase: Bool) {
    let parameters = parameters ?? []
    self.parameters = parameters.isEmpty ? nil : parameters.map { Array($0.utf8) }
    self.headers = (headers ?? []).map { name in
      let dashed = String(name.map { $0 == "_" ? "-" : $0 })
      return VaryHeader(
        text: Array(name.utf8), names: (dashed == name ? [name] : [name, dashed]).map { FieldName($0) })
    }
    self.ignoresCase = ignoresCase
  }

  func key(of context: RequestContext) -> CacheKey { CacheKey(hashing: self.text(of: context)) }

  /// What is hashed.
  func text(of context: RequestContext) -> [UInt8] {
    var text = KeyText()
    if let route = context.matchedNames?.routeID {
      if let consumer = context.client.consumer?.id { text.append(raw: "\(consumer):") }
      text.append(raw: "\(route)")
    } else {
      text.append(raw: "default")
    }
    text.append(raw: "|\(context.serviceRequest.method)|")
    self.appendRequestLine(of: context, to: &text)
    text.append(raw: "|")
    self.appendParameters(of: context, to: &text)
    text.append(raw: "|")
    self.appendHeaders(of: context, to: &text)
    return text.bytes
  }

  /// The request line up to the question mark; without one, all of it.
  private func appendRequestLine(of context: RequestContext, to text: inout KeyText) {
    var line = Array("\(context.request.method) ".utf8)
    var hasQuery = false
    context.request.withTargetBytes { target in
      for index in target.indices {
        if target[index] == UInt8(ascii: "?") {
          hasQuery = true
          return
        }
        line.append(target[index])
      }
    }
    if !hasQuery { line += " HTTP/\(context.request.httpVersion)".utf8 }
    text.append(self.ignoresCase ? line.map(\.asciiLowercased) : line, escaping: KeyText.Separators.parts)
  }

  private func appendParameters(of context: RequestContext, to text: inout KeyText) {
    var values: [[UInt8]: [[UInt8]?]] = [:]
    let query = context.serviceRequest.withRawQueryBytes { $0.array }
    for part in query.split(separator: UInt8(ascii: "&")) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = pair.first.map { FormText.decoded($0) } ?? []
      values[name, default: []].append(pair.count > 1 ? FormText.decoded(pair[1]) : nil)
    }
    let names = self.parameters ?? values.keys.sorted { $0.lexicographicallyPrecedes($1) }
    text.append(names.compactMap { name in values[name].map { (name, $0) } })
  }

  private func appendHeaders(of context: RequestContext, to text: inout KeyText) {
    text.append(
      self.headers.compactMap { header in
        header.names.lazy.compactMap { Self.values($0, context) }.first.map { (header.text, $0) }
      })
  }

  private static func values(_ name: FieldName, _ context: RequestContext) -> [[UInt8]?]? {
    context.request.withHeaderBytes(name) { bytes, count -> [[UInt8]?] in
      count == 1 ? [bytes.array] : context.request.headers(name.text).map { Array($0.utf8) }
    }
  }
}

/// Text with separators that its parts cannot forge.
private struct KeyText {
  private(set) var bytes: [UInt8] = []
  private static let escape: UInt8 = 1

  /// What separates, by the place that it separates at.
  enum Separators {
    static let parts = Array("|".utf8)
    static let names = Array("|:,=".utf8)
    static let values = Array("|:,".utf8)
  }

  mutating func append(raw text: String) { self.bytes += text.utf8 }

  mutating func append(_ part: [UInt8], escaping separators: [UInt8]) {
    for byte in part {
      if byte == Self.escape || separators.contains(byte) {
        self.bytes += [Self.escape, (byte >> 4).upperHexDigit, (byte & 15).upperHexDigit]
      } else {
        self.bytes.append(byte)
      }
    }
  }

  /// `name=value`, `name=value,value` or `name`, joined by colons.
  mutating func append(_ arguments: [(name: [UInt8], values: [[UInt8]?])]) {
    for (place, argument) in arguments.enumerated() {
      if place > 0 { self.append(raw: ":") }
      self.append(argument.name, escaping: Separators.names)
      if argument.values.count == 1, argument.values[0] == nil { continue }
      self.append(raw: "=")
      let flags = argument.values.count { $0 == nil }
      let values = argument.values.compactMap { $0 }.sorted { $0.lexicographicallyPrecedes($1) }
      for (place, value) in values.enumerated() {
        if place > 0 { self.append(raw: ",") }
        self.append(value, escaping: Separators.values)
      }
      // Arguments without a value among others: Kong fails on them.
      for _ in 0..<flags { self.bytes += [UInt8(ascii: ","), Self.escape] }
    }
  }
}
