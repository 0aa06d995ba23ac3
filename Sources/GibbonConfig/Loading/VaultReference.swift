// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// `{vault://env/name}`: a value that stands somewhere else.
///
/// The only vault is `env`: the variable is the name in upper case with `-` become `_`, after the
/// prefix of the property `vault_env_prefix` or of the query `?prefix=`. A second path part names a
/// field of the JSON object found there; a trailing slash makes the whole path the name.
struct VaultReference: Hashable {
  let vault: String
  let resource: String
  let field: String?
  let prefix: String?
  /// `#2` asks for the previous value, in the variable with `_PREVIOUS` appended.
  let version: Int

  static func isReference(_ text: String) -> Bool {
    text.hasPrefix("{vault://") && text.hasSuffix("}")
  }

  init(parsing text: String) throws(ValueFault) {
    guard Self.isReference(text) else { throw ValueFault("not a vault reference") }
    var rest = text.dropFirst(9).dropLast()
    var version = 1
    if let hash = rest.lastIndex(of: "#") {
      guard let number = Int(rest[rest.index(after: hash)...]), (1...2).contains(number) else {
        throw ValueFault("the version after '#' is 1 (now) or 2 (the one before)")
      }
      version = number
      rest = rest[..<hash]
    }
    self.version = version
    let halves = rest.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.prefix = try halves.count == 2 ? Self.prefix(query: halves[1]) : nil
    var parts = (halves.first ?? "").split(separator: "/", omittingEmptySubsequences: false).map(Self.unescaped)
    self.vault = parts.removeFirst()
    let isWhole = parts.last == ""
    if isWhole { parts.removeLast() }
    self.field = parts.count > 1 && !isWhole ? parts.removeLast() : nil
    self.resource = parts.joined(separator: "/")
    guard !self.vault.isEmpty, !self.resource.isEmpty else {
      throw ValueFault("expected {vault://env/name}")
    }
  }

  private static func prefix(query: Substring) throws(ValueFault) -> String? {
    for pair in query.split(separator: "&") {
      let halves = pair.split(separator: "=", maxSplits: 1).map(Self.unescaped)
      if halves.first == "prefix" { return halves.count == 2 ? halves[1] : "" }
    }
    return nil
  }

  /// `%41` is `A`; a broken escape stays as it is.
  private static func unescaped(_ text: some StringProtocol) -> String {
    var bytes: [UInt8] = []
    var rest = Array(text.utf8)[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "%"), digits.utf8.count == 2, let value = UInt8(digits, radix: 16) {
        bytes.append(value)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension VaultReference {
  /// The variable to read.
  func variable(defaultPrefix: String) -> String {
    let name = (self.prefix ?? defaultPrefix) + self.resource
    let variable = String(name.uppercased().map { $0 == "-" ? "_" : $0 })
    return self.version == 2 ? variable + "_PREVIOUS" : variable
  }

  func resolve(in environment: [String: String], defaultPrefix: String) throws(ValueFault) -> String {
    guard self.vault == "env" else {
      throw ValueFault("there is no vault '\(self.vault)' for the configuration; 'env' reads the environment")
    }
    let variable = self.variable(defaultPrefix: defaultPrefix)
    guard let value = environment[variable] else {
      throw ValueFault("the environment variable \(variable) it refers to is not set")
    }
    guard let field = self.field else { return value }
    guard let text = JSONField.text(named: field, in: value) else {
      throw ValueFault("\(variable) holds no JSON object with a text or number in '\(field)'")
    }
    return text
  }
}
