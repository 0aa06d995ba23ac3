// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The query parameters that tell requests apart.
struct KeyedParameters: Sendable {
  /// In this order; nil for all, by name.
  private let names: [[UInt8]]?
  private let looseNames: Set<[UInt8]>

  typealias Arguments = [(name: [UInt8], values: [[UInt8]?])]

  init(_ names: [String]?) {
    let names = names ?? []
    self.names = names.isEmpty ? nil : names.map { Array($0.utf8) }
    self.looseNames = Set(names.map { Self.loose(Array($0.utf8)) })
  }

  /// The arguments that count, decoded, and as they stand those others that some services would take for one of them:
  /// `;` separates in some, `a[]` and `A` are `a` in others.
  func arguments(of query: [UInt8]) -> (arguments: Arguments, rest: [UInt8]) {
    var values: [[UInt8]: [[UInt8]?]] = [:]
    var rest: [UInt8] = []
    let keyed = self.names.map { Set($0) }
    for part in query.split(separator: UInt8(ascii: "&")) {
      let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      let name = pair.first.map { FormText.decoded($0) } ?? []
      if let keyed, !keyed.contains(name) {
        guard part.contains(UInt8(ascii: ";")) || self.looseNames.contains(Self.loose(name)) else { continue }
        rest += part
        rest.append(UInt8(ascii: "&"))
      } else {
        values[name, default: []].append(pair.count > 1 ? FormText.decoded(pair[1]) : nil)
      }
    }
    let names = self.names ?? values.keys.sorted { $0.lexicographicallyPrecedes($1) }
    return (names.compactMap { name in values[name].map { (name, $0) } }, rest)
  }

  /// A name as lenient services read it.
  private static func loose(_ name: [UInt8]) -> [UInt8] {
    name.drop { $0 <= .space }.prefix { $0 != UInt8(ascii: "[") && $0 != 0 }.map { byte in
      byte == UInt8(ascii: ".") || byte == .space ? UInt8(ascii: "_") : byte.asciiLowercased
    }
  }
}
