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
    let change = RecordWalk.Change(given: patch, existing: existing)
    switch self.validate(object: merged, as: schema, for: .update, change: change) {
    case .success(let object):
      return errors.isEmpty ? .success(object) : .failure(ValidationFailure(errors))
    case .failure(let failure):
      var all = failure.errors
      for (name, error) in errors.fields { all.set(error, at: [name]) }
      return .failure(ValidationFailure(all))
    }
  }

  private func merge(
    _ patch: JSONObject, over existing: JSONObject, as record: RecordSchema, _ errors: inout RecordErrors
  ) -> JSONObject {
    var patch = patch
    if !record.shorthands.isEmpty {
      var walk = RecordWalk(self, .update)
      walk.expandShorthands(of: record, in: &patch, errors: &errors)
    }
    var merged = existing
    for member in patch {
      if case .object(let top) = member.value, case .object(let bottom)? = existing[member.key],
        let field = record.field(named: member.key), case .record(let inner) = field.type
      {
        var innerErrors = RecordErrors()
        merged[member.key] = .object(self.merge(top, over: bottom, as: inner, &innerErrors))
        if !innerErrors.isEmpty { errors.set(.record(innerErrors), at: [member.key]) }
      } else {
        merged[member.key] = member.value
      }
    }
    return merged
  }
}
