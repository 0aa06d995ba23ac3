// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// `{vault://name/resource[/key][?option=value][#version]}`: a value that is kept elsewhere.
///
/// Several parts of the path name a resource and, last, a member of the JSON object that it holds; a slash at the end
/// makes all of them the resource.
public struct VaultReference: Sendable, Hashable {
  /// `env`, or the prefix of a vault entity.
  public let vault: String
  public let resource: String
  public let key: String?
  /// What the reference asks for in place of the vault's own configuration.
  public let options: [String: String]
  /// nil where none is given.
  public let version: Int?

  /// - Throws: what is wrong, in Kong's words.
  public init(_ text: String) throws(VaultFault) {
    guard text.isVaultReference else { throw VaultFault("not a reference [\(text)]") }
    var address = text.dropFirst().dropLast()
    self.version = try Self.takeVersion(from: &address, of: text)
    let parts = URLParts(String(address))
    guard let vault = parts.host else { throw VaultFault("reference url is missing host [\(text)]") }
    guard let path = parts.path else { throw VaultFault("reference url is missing path [\(text)]") }
    guard path.utf8.count > 1 else { throw VaultFault("reference url has empty path [\(text)]") }
    var names = path.utf8.split(separator: UInt8(ascii: "/")).map { Self.unescaped($0) }
    guard !names.isEmpty else { throw VaultFault("reference url has invalid path [\(text)]") }
    self.vault = vault
    self.key = names.count > 1 && path.utf8.last != UInt8(ascii: "/") ? names.removeLast() : nil
    self.resource = names.joined(separator: "/")
    self.options = parts.query.map(Self.options) ?? [:]
  }

  private static func takeVersion(from address: inout Substring, of text: String) throws(VaultFault) -> Int? {
    guard let mark = address.utf8.firstIndex(of: UInt8(ascii: "#")) else { return nil }
    guard let version = Int(address[address.utf8.index(after: mark)...]) else {
      throw VaultFault("reference url has invalid version [\(text)]")
    }
    address = address[..<mark]
    return version
  }

  /// Of options given twice the last one counts.
  private static func options(_ query: String) -> [String: String] {
    var options: [String: String] = [:]
    for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
      let halves = pair.split(separator: UInt8(ascii: "="), maxSplits: 1, omittingEmptySubsequences: false)
      guard let name = halves.first else { continue }
      options[Self.unescaped(name)] = halves.count == 2 ? Self.unescaped(halves[1]) : ""
    }
    return options
  }

  /// `%41` is `A`; a broken escape stays as it is.
  private static func unescaped(_ text: Substring.UTF8View) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let high = rest.first?.hexDigitValue,
        let low = rest.dropFirst().first?.hexDigitValue
      {
        bytes.append(UInt8(high << 4 | low))
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// Whether this is a reference into a vault, `{vault://…}`.
  public var isVaultReference: Bool {
    let bytes = self.utf8
    return bytes.first == UInt8(ascii: "{") && bytes.last == UInt8(ascii: "}") && bytes.starts(with: "{vault://".utf8)
  }
}

/// Why a reference stands for nothing. Never holds a secret.
public struct VaultFault: Error, Sendable, Hashable, CustomStringConvertible {
  public let description: String

  public init(_ description: String) { self.description = description }
}
