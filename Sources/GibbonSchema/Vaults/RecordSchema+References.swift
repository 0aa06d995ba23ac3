// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// References into vaults in an object, found by the fields that may hold them.
extension RecordSchema {
  /// The references that an object holds, each once.
  public func references(in object: JSONObject) -> Set<String> {
    guard self.isReferenceable else { return [] }
    var found: Set<String> = []
    _ = self.mapReferences(in: object) { text in
      found.insert(text)
      return .success(text)
    }
    return found
  }

  /// The object with what its references stand for, and what is wrong with those that stand for nothing.
  public func resolvingReferences(in object: JSONObject, with vaults: Vaults) -> (
    object: JSONObject, errors: RecordErrors
  ) {
    guard self.isReferenceable else { return (object, RecordErrors()) }
    return self.mapReferences(in: object) { text in
      do throws(VaultFault) {
        return .success(try vaults.value(of: text))
      } catch {
        return .failure(VaultFault("unable to resolve reference \(text) (\(error))"))
      }
    }
  }

  fileprivate func mapReferences(
    in object: JSONObject, _ change: (String) -> Result<String, VaultFault>
  ) -> (object: JSONObject, errors: RecordErrors) {
    var changed = object
    var errors = RecordErrors()
    for field in self.fields where field.isReferenceable {
      guard let value = object[field.name] else { continue }
      let (next, error) = field.mapReferences(in: value, change)
      changed[field.name] = next
      if let error { errors.set(error, at: [field.name]) }
    }
    return (changed, errors)
  }
}

extension Field {
  /// Whether the field may be a reference, or holds one that may.
  var isReferenceable: Bool {
    switch self.type {
    case .string: self.traits.contains(.referenceable)
    case .array(let element), .set(let element): element.isReferenceable
    case .map(_, let values): values.isReferenceable
    case .record(let record): record.isReferenceable
    case .integer, .number, .boolean, .foreign, .json: false
    }
  }

  fileprivate func mapReferences(
    in value: JSONValue, _ change: (String) -> Result<String, VaultFault>
  ) -> (JSONValue, ErrorTree?) {
    switch (self.type, value) {
    case (.string, .string(let text)) where self.traits.contains(.referenceable) && text.isVaultReference:
      switch change(text) {
      case .success(let text): return (.string(text), nil)
      case .failure(let fault): return (value, .message(fault.description))
      }
    case (.array(let element), .array(let values)), (.set(let element), .array(let values)):
      var errors: [Int: ErrorTree] = [:]
      let changed = values.enumerated().map { index, value in
        let (value, error) = element.mapReferences(in: value, change)
        errors[index] = error
        return value
      }
      return (.array(changed), errors.isEmpty ? nil : .elements(errors))
    case (.map(_, let field), .object(let object)):
      var first: ErrorTree?
      let members = object.members.map { member in
        let (value, error) = field.mapReferences(in: member.value, change)
        if first == nil { first = error.map { .entry(key: member.key, $0) } }
        return JSONObject.Member(member.key, value)
      }
      return (.object(JSONObject(distinct: members)), first)
    case (.record(let record), .object(let object)):
      let (changed, errors) = record.mapReferences(in: object, change)
      return (.object(changed), errors.isEmpty ? nil : .record(errors))
    default: return (value, nil)
    }
  }
}
