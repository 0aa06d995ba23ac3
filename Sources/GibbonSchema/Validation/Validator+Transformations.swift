// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Validator {
  /// The entity as it is stored: passwords hashed, targets completed.
  public func transformed(
    _ object: JSONObject, as schema: EntitySchema
  ) -> Result<JSONObject, TransformationError> {
    var output = object
    for transformation in schema.transformations {
      let value = JSONValue.object(output)
      let arguments = (transformation.input + transformation.needs).map { value.value(at: $0) ?? .null }
      guard !arguments.contains(where: \.isEmpty) else { continue }
      // A reference into a vault is transformed when it is resolved.
      guard !arguments.contains(where: { $0.stringValue?.isVaultReference == true }) else { continue }
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
