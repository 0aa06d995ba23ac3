// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The request fields that a response was chosen by (`Vary`, RFC 9110 section 12.5.5).
struct VaryFields: Sendable, Equatable {
  /// In lower case, in order.
  let names: [[UInt8]]

  /// More than any service has a use for.
  static let limit = 32

  /// What every key has of a request.
  private static let keyed: Set<[UInt8]> = Set(
    [
      "host", "x-forwarded-host", "x-forwarded-path", "x-forwarded-port", "x-forwarded-prefix", "x-forwarded-proto",
    ].map { Array($0.utf8) })
  /// What the gateway tells services of each client or request, and the cache does not see.
  private static let unseen: Set<[UInt8]> = Set(
    ["x-forwarded-for", "x-real-ip", "x-kong-request-id", "connection"].map { Array($0.utf8) })

  init(names: some Sequence<[UInt8]>) {
    self.names = Set(names).sorted { $0.lexicographicallyPrecedes($1) }
  }

  /// - Parameter fields: every `Vary` of a response.
  /// - Returns: nil where no request may be answered with what another got: `*`, what is no list of names, too many
  ///   names, names of what the cache does not see.
  init?(_ fields: [String]) {
    var names: [[UInt8]] = []
    for field in fields {
      for part in Array(field.utf8).split(separator: UInt8(ascii: ",")) {
        let name = part.trimmingBlanks.map(\.asciiLowercased)
        if name.isEmpty { continue }
        guard isFieldName(String(decoding: name, as: UTF8.self)), name != [UInt8(ascii: "*")],
          !Self.unseen.contains(name)
        else { return nil }
        if !Self.keyed.contains(name) { names.append(name) }
      }
    }
    self.init(names: names)
    if self.names.count > Self.limit { return nil }
  }

  var isEmpty: Bool { self.names.isEmpty }

  func union(_ other: VaryFields) -> VaryFields { VaryFields(names: self.names + other.names) }
  func contains(_ other: VaryFields) -> Bool { Set(self.names).isSuperset(of: other.names) }

  /// Whether changes of a request's fields are the same for all of these.
  func areSame(_ before: HeaderEdits, _ after: HeaderEdits) -> Bool {
    self.names.allSatisfy { name in
      let name = String(decoding: name, as: UTF8.self)
      let (old, new) = (before.values(name), after.values(name))
      return old.keepsOriginal == new.keepsOriginal
        && old.values.map { Array($0.utf8) } == new.values.map { Array($0.utf8) }
    }
  }
}

/// What stands under a key whose responses differ by fields of requests: where to look further.
struct CacheVariants: Sendable {
  let fields: VaryFields
  /// Of these variants alone: once they are forgotten, none of them is found again.
  let mark: UInt64
  /// The last one that was kept.
  var latest: CacheKey?

  init(_ fields: VaryFields) {
    self.fields = fields
    self.mark = .random(in: 0 ... .max)
  }

  /// The key of the variant that a request gets. White space around values, and in how many fields they come, do not
  /// count (RFC 9111 section 4.1).
  func key(under primary: CacheKey, for request: RequestView) -> CacheKey {
    var text = Array("\(primary.text)|\(self.mark)".utf8)
    for name in self.fields.names {
      let values = request.headers(String(decoding: name, as: UTF8.self))
      text += "|\(name.count):".utf8
      text += name
      guard !values.isEmpty else { continue }
      let value = values.map { Array($0.utf8)[...].trimmingBlanks }.joined(separator: Array(", ".utf8))
      let bytes = Array(value)
      text += "=\(bytes.count):".utf8
      text += bytes
    }
    return CacheKey(hashing: text)
  }

  /// Of memory, about.
  var costBytes: Int { self.fields.names.reduce(512) { $0 + 64 + $1.count } }
}

extension ArraySlice<UInt8> {
  /// Without spaces and tabs around it.
  var trimmingBlanks: ArraySlice<UInt8> {
    var bytes = self.drop { $0 == .space || $0 == .tab }
    while let last = bytes.last, last == .space || last == .tab { bytes.removeLast() }
    return bytes
  }
}
