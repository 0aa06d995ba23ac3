// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonBalancing
internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonModel
internal import GibbonPluginAPI

/// What of a request consistent hashing looks at: `hash_on`, then `hash_fallback`, then nothing, which is the empty
/// text, as in Kong.
extension Exchange {
  func balancingHash(for upstream: Upstream) -> UInt32 {
    if let known = self.attempt.balancing.hash { return known }
    let hash = XXHash32.hash(self.hashedBytes(for: upstream).span)
    self.attempt.balancing.hash = hash
    return hash
  }

  private func hashedBytes(for upstream: Upstream) -> [UInt8] {
    let first = HashSource(
      upstream.hashOn, header: upstream.hashOnHeader, argument: upstream.hashOnQueryArg,
      capture: upstream.hashOnURICapture)
    let second = HashSource(
      upstream.hashFallback, header: upstream.hashFallbackHeader, argument: upstream.hashFallbackQueryArg,
      capture: upstream.hashFallbackURICapture)
    return self.bytes(of: first, upstream) ?? self.bytes(of: second, upstream) ?? []
  }

  private func bytes(of source: HashSource, _ upstream: Upstream) -> [UInt8]? {
    switch source.input {
    case .none: nil
    case .consumer: (self.plugins.consumer?.id ?? self.plugins.credential?.id).map { Array("\($0)".utf8) }
    case .ip: self.received.clientAddress.map { Array("\($0)".utf8) }
    case .header: source.header.flatMap(self.combinedField)
    case .cookie: upstream.hashOnCookie.map { self.cookieBytes($0, path: upstream.hashOnCookiePath) }
    case .path: HashText.decodedPath(self.rawPath)
    case .queryArg: source.argument.flatMap { HashText.argument($0, in: self.rawQueryBytes) }
    case .uriCapture: source.capture.flatMap(self.captureBytes)
    }
  }

  private var rawPath: [UInt8] {
    let bytes = self.received.bytes
    return bytes[self.received.head.path].array
  }

  private var rawQueryBytes: [UInt8] {
    guard let query = self.received.head.query else { return [] }
    let bytes = self.received.bytes
    return bytes[query].array
  }

  /// The values of all fields of that name, as nginx joins them.
  private func combinedField(_ name: String) -> [UInt8]? {
    let bytes = self.received.bytes
    let name = Array(name.utf8)
    var value: [UInt8]?
    for field in self.received.head.fields where Int(field.name.count) == name.count {
      guard bytes[field.name].equalsIgnoringCase(name.span) else { continue }
      value = (value.map { $0 + [0x2C, 0x20] } ?? []) + bytes[field.value].array
    }
    return value
  }

  /// The cookie's value; a new one is made for a client that has none.
  private func cookieBytes(_ name: String, path: String) -> [UInt8] {
    let bytes = self.received.bytes
    for field in self.received.head.fields where field.name.count == 6 {
      guard bytes[field.name].equalsIgnoringCase("cookie".utf8.span) else { continue }
      if let value = HashText.cookie(name, in: bytes[field.value].array) { return value }
    }
    let made = "\(EntityID.random())"
    self.attempt.balancing.cookie = "\(name)=\(made); Path=\(path); Same-Site=Lax; HttpOnly"
    return Array(made.utf8)
  }

  /// By the group's name, or its number from 1.
  private func captureBytes(_ group: String) -> [UInt8]? {
    let (texts, names) = self.uriCaptures
    let index = names.first { $0.name == group }?.group ?? Int(group)
    guard let index, texts.indices.contains(index) else { return nil }
    return texts[index].map { Array($0.utf8) }
  }
}

/// `hash_on` or `hash_fallback`, and the name that belongs to it.
private struct HashSource {
  let input: Upstream.HashInput
  let header: String?
  let argument: String?
  let capture: String?

  init(_ input: Upstream.HashInput, header: String?, argument: String?, capture: String?) {
    self.input = input
    self.header = header
    self.argument = argument
    self.capture = capture
  }
}

/// Parts of a request as nginx and Kong read them for a hash.
enum HashText {
  /// Pairs of a query that are looked at, as in Kong (`lua_max_uri_args`).
  private static let argumentLimit = 100

  /// nginx's `$uri`: decoded, dot segments resolved, several slashes merged.
  static func decodedPath(_ path: [UInt8]) -> [UInt8] {
    var decoded: [UInt8] = []
    var index = 0
    while index < path.count {
      if path[index] == UInt8(ascii: "%"), index + 2 < path.count, let high = path[index + 1].hexDigitValue,
        let low = path[index + 2].hexDigitValue
      {
        decoded.append(high << 4 | low)
        index += 3
      } else {
        decoded.append(path[index])
        index += 1
      }
    }
    let slash = UInt8(ascii: "/")
    let dot = UInt8(ascii: ".")
    var kept: [ArraySlice<UInt8>] = []
    var endsInFolder = false
    for segment in decoded.split(separator: slash, omittingEmptySubsequences: false).dropFirst() {
      endsInFolder = segment.isEmpty || segment.elementsEqual([dot]) || segment.elementsEqual([dot, dot])
      if segment.elementsEqual([dot, dot]) { _ = kept.popLast() }
      if !endsInFolder { kept.append(segment) }
    }
    var result: [UInt8] = []
    for segment in kept { result += [slash] + segment }
    if endsInFolder || result.isEmpty { result.append(slash) }
    return result
  }

  /// The decoded values of an argument, sorted and joined by commas; one without `=` is `true`, as Kong says.
  static func argument(_ name: String, in query: [UInt8]) -> [UInt8]? {
    let name = Array(name.utf8)
    var values: [[UInt8]] = []
    for pair in query.split(separator: UInt8(ascii: "&")).prefix(argumentLimit) {
      let equals = pair.firstIndex(of: UInt8(ascii: "="))
      guard FormText.decoded(pair[..<(equals ?? pair.endIndex)]) == name else { continue }
      values.append(equals.map { FormText.decoded(pair[($0 + 1)...]) } ?? Array("true".utf8))
    }
    if values.isEmpty { return nil }
    values.sort { $0.lexicographicallyPrecedes($1) }
    return Array(values.joined(separator: [UInt8(ascii: ",")]))
  }

  /// The value of a cookie in a `Cookie` field.
  static func cookie(_ name: String, in field: [UInt8]) -> [UInt8]? {
    let name = Array(name.utf8)
    for part in field.split(separator: UInt8(ascii: ";")) {
      let pair = part.drop { $0 == 0x20 || $0 == 0x09 }
      guard let equals = pair.firstIndex(of: UInt8(ascii: "=")), equals - pair.startIndex == name.count else {
        continue
      }
      guard Array(pair[..<equals]).span.equalsIgnoringCase(name.span) else { continue }
      var value = pair[(equals + 1)...]
      while let last = value.last, last == 0x20 || last == 0x09 { value.removeLast() }
      return Array(value)
    }
    return nil
  }
}
