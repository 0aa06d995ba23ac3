// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Secrets in an object: what messages must not show.
extension RecordSchema {
  /// The texts in fields that hold secrets: encrypted ones, ones that may be references, keys of credentials.
  public func secrets(in object: JSONObject) -> Set<String> {
    var secrets: Set<String> = []
    for field in self.fields {
      guard let value = object[field.name] else { continue }
      field.collectSecrets(in: value, into: &secrets)
    }
    return secrets
  }

  /// Whether the value at a path is a secret or lies in one.
  public func isSecret(_ path: some Sequence<SourceMap.Step>) -> Bool {
    var record: RecordSchema? = self
    var field: Field?
    for step in path {
      switch step {
      case .key(let name):
        if let next = record?.field(named: name) {
          field = next
        } else if let shorthand = record?.shorthands.first(where: { $0.field.name == name }) {
          // An old name is as secret as the field that took its place.
          return shorthand.field.isSecret || record?.replacement(of: shorthand)?.isSecret == true
        } else if case .map(_, let values)? = field?.type {
          field = values
        }
      case .index:
        switch field?.type {
        case .array(let element)?, .set(let element)?: field = element
        default: break
        }
      }
      if field?.isSecret == true { return true }
      if case .record(let inner)? = field?.type { record = inner } else { record = nil }
    }
    return field?.holdsSecrets == true
  }

  private func replacement(of shorthand: Shorthand) -> Field? {
    shorthand.field.deprecation.flatMap { self.field(at: $0.replacement.joined(separator: ".")) }
  }
}

extension Field {
  /// Whether its value must not be shown in messages.
  public var isSecret: Bool { !self.traits.isDisjoint(with: [.encrypted, .referenceable, .secret]) }

  /// Whether a secret stands in it somewhere: what was given in its place may be that secret.
  fileprivate var holdsSecrets: Bool {
    switch self.type {
    case .record(let record): record.fields.contains { $0.isSecret || $0.holdsSecrets }
    case .array(let element), .set(let element): element.isSecret || element.holdsSecrets
    case .map(_, let values): values.isSecret || values.holdsSecrets
    case .string, .integer, .number, .boolean, .foreign, .json: false
    }
  }

  fileprivate func collectSecrets(in value: JSONValue, into secrets: inout Set<String>) {
    switch (self.type, value) {
    case (_, .string(let text)) where self.isSecret && !text.isEmpty && !text.isVaultReference: secrets.insert(text)
    case (.array(let element), .array(let values)), (.set(let element), .array(let values)):
      for value in values { element.collectSecrets(in: value, into: &secrets) }
    case (.map(_, let field), .object(let object)):
      for member in object { field.collectSecrets(in: member.value, into: &secrets) }
    case (.record(let record), .object(let object)): secrets.formUnion(record.secrets(in: object))
    default: break
    }
  }
}

extension String {
  /// What stands in the place of a secret.
  public static let redaction = "******"
  /// Shorter secrets may be parts of common words.
  private static let leastRedactedLength = 4

  /// The text without any of these secrets in it.
  public func hiding(_ secrets: some Sequence<String>) -> String {
    // Long ones first: one may be a part of another.
    secrets.sorted { $0.utf8.count > $1.utf8.count }.reduce(self) { text, secret in
      if secret.utf8.count >= Self.leastRedactedLength { return text.replacing(secret, with: Self.redaction) }
      let quoted = ["'", "\"", "[", ": "].reduce(text) { text, mark in
        let end = mark == "[" ? "]" : mark == ": " ? "" : mark
        return text.replacing(mark + secret + end, with: mark + Self.redaction + end)
      }
      return quoted
    }
  }

  private func replacing(_ part: String, with other: String) -> String {
    let (text, part) = (Array(self.utf8), Array(part.utf8))
    guard !part.isEmpty, text.count >= part.count else { return self }
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      if text[index] == part[0], text[index...].starts(with: part) {
        result += other.utf8
        index += part.count
      } else {
        result.append(text[index])
        index += 1
      }
    }
    return String(decoding: result, as: UTF8.self)
  }
}
