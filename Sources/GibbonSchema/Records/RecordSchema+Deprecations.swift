// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension EntitySchema {
  /// What to say of the deprecated fields that an input uses, in Kong's words. Only what is configured in many ways,
  /// such as plugins, has such fields.
  public func deprecations(in input: JSONObject) -> [String] {
    guard self.subschemaKey != nil, let record = self.record(for: input) else { return [] }
    var messages: [String] = []
    record.collectDeprecations(in: input, into: &messages)
    return messages
  }
}

extension RecordSchema {
  fileprivate func collectDeprecations(in object: JSONObject, into messages: inout [String]) {
    for shorthand in self.shorthands { shorthand.field.collectDeprecations(in: object, into: &messages) }
    for field in self.fields {
      field.collectDeprecations(in: object, into: &messages)
      switch (field.type, object[field.name]) {
      case (.record(let record), .object(let nested)?): record.collectDeprecations(in: nested, into: &messages)
      case (.array(let element), .array(let values)?), (.set(let element), .array(let values)?):
        guard case .record(let record) = element.type else { continue }
        for case .object(let nested) in values { record.collectDeprecations(in: nested, into: &messages) }
      default: break
      }
    }
  }
}

extension Field {
  fileprivate func collectDeprecations(in object: JSONObject, into messages: inout [String]) {
    guard let deprecation = self.deprecation, let value = object[self.name], !value.isNull,
      value != deprecation.oldDefault
    else { return }
    let message = "\(deprecation.message) (deprecated after \(deprecation.removedIn))"
    if !messages.contains(message) { messages.append(message) }
  }
}
