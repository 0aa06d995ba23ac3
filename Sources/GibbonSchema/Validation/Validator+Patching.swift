// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension Validator {
  /// An existing entity changed by a partial one, as PATCH does it: records are merged field by field, arrays,
  /// sets and maps are replaced, null sets a field to null.
  public func patched(
    _ existing: JSONObject, with patch: JSONObject, as schema: EntitySchema
  ) -> Result<JSONObject, ValidationFailure> {
    var merged = existing
    for name in ["updated_at", "ws_id"] { merged[name] = nil }
    var complete = merged
    for member in patch { complete[member.key] = member.value }
    let record = schema.record(for: complete) ?? schema.record
    var errors = RecordErrors()
    merged = self.merge(patch, over: merged, as: record, &errors)
    // Kong looks no further when a shorthand is wrong.
    if !errors.isEmpty { return .failure(ValidationFailure(errors)) }
    let change = RecordWalk.Change(given: patch, existing: existing)
    return self.validate(object: merged, as: schema, for: .update, change: change)
  }

  private func merge(
    _ patch: JSONObject, over existing: JSONObject, as record: RecordSchema, _ errors: inout RecordErrors
  ) -> JSONObject {
    var patch = patch
    // So many members are not all fields, which validation says.
    guard patch.count <= record.fields.count + record.shorthands.count + RecordErrors.limit else { return patch }
    if !record.shorthands.isEmpty, errors.isEmpty {
      var walk = RecordWalk(self, .update)
      errors = walk.expandShorthands(of: record, in: &patch)
    }
    var merged = existing
    for member in patch {
      if case .object(let top) = member.value, case .object(let bottom)? = existing[member.key],
        let field = record.field(named: member.key), case .record(let inner) = field.type
      {
        merged[member.key] = .object(self.merge(top, over: bottom, as: inner, &errors))
      } else {
        merged[member.key] = member.value
      }
    }
    return merged
  }
}
