// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Validator {
  /// The entity as it is stored: passwords hashed, targets completed.
  ///
  /// - Parameter given: the fields that a partial update names; what does not depend on them was transformed when it
  ///   was written. nil for all.
  public func transformed(
    _ object: JSONObject, as schema: EntitySchema, given: Set<String>? = nil
  ) -> Result<JSONObject, TransformationError> {
    var output = object
    for transformation in schema.transformations {
      if let given, !transformation.input.contains(where: given.contains) { continue }
      let value = JSONValue.object(output)
      let arguments = (transformation.input + transformation.needs).map { value.value(at: $0) ?? .null }
      guard !arguments.contains(where: \.isEmpty) else { continue }
      // A reference into a vault is transformed when it is resolved.
      let references = transformation.input.filter { name in
        schema.record.field(at: name)?.traits.contains(.referenceable) == true
          && value.value(at: name)?.stringValue?.isVaultReference == true
      }
      guard references.isEmpty else { continue }
      switch transformation.onWrite(arguments) {
      case .success(let changes):
        for member in changes { output[member.key] = member.value }
      case .failure(let error):
        return .failure(TransformationError("transformation failed: \(error.message)"))
      }
    }
    return .success(output)
  }
}
