// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension RecordSchema {
  /// The object with the old names of fields that moved beside the new ones, as Kong shows them for clients that know
  /// only the old: `redis_host` beside `redis.host`. Records inside are gone through too.
  public func mirroringOldNames(_ object: JSONObject) -> JSONObject {
    var output = object
    for field in self.fields {
      guard case .record(let record) = field.type, case .object(let inner)? = object[field.name] else { continue }
      output[field.name] = .object(record.mirroringOldNames(inner))
    }
    for shorthand in self.shorthands {
      guard let path = shorthand.field.deprecation?.replacement, !path.isEmpty else { continue }
      output[shorthand.field.name] = JSONValue.object(object).value(at: path.joined(separator: ".")) ?? .null
    }
    return output
  }
}
