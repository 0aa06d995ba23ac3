// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordWalk {
  /// Replaces shorthands by the fields that they stand for.
  ///
  /// - Returns: what is wrong with them; Kong looks no further then.
  mutating func expandShorthands(of record: RecordSchema, in input: inout JSONObject) -> RecordErrors {
    var errors = RecordErrors()
    for shorthand in record.shorthands {
      let name = shorthand.field.name
      guard let value = input[name] else { continue }
      if case .invalid(let error) = self.check(value, as: shorthand.field) {
        errors.set(error, at: [name])
        continue
      }
      if let message = Self.mismatch(of: shorthand, value, in: input) {
        errors.set(.message(message), at: [name])
        continue
      }
      input[name] = nil
      for member in shorthand.expansion(value) {
        Self.merge(member.value, into: &input, at: member.key, overwriting: shorthand.field.deprecation == nil)
      }
    }
    return errors
  }

  /// The message of a deprecated name that is given beside the new one with another value.
  private static func mismatch(of shorthand: Shorthand, _ value: JSONValue, in input: JSONObject) -> String? {
    guard !value.isNull, let path = shorthand.field.deprecation?.replacement, !path.isEmpty else { return nil }
    let target = path.joined(separator: ".")
    guard let current = JSONValue.object(input).value(at: target), !current.isNull, current != value else { return nil }
    return "both deprecated and new field are used but their values mismatch: "
      + "\(shorthand.field.name) = \(value.luaText) vs \(target) = \(current.luaText)"
  }

  private static func merge(
    _ value: JSONValue, into input: inout JSONObject, at key: String, overwriting: Bool
  ) {
    let current = input[key]
    if case .object(let members) = value {
      var merged = current?.objectValue ?? [:]
      for member in members {
        Self.merge(member.value, into: &merged, at: member.key, overwriting: overwriting)
      }
      input[key] = .object(merged)
    } else if overwriting || current == nil || current == .null {
      input[key] = value
    }
  }
}
