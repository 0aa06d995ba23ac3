// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonSchema

/// A validator with a still clock.
let validator = Validator(now: 1_700_000_000.1234)

/// What a record makes of an input: the normalised JSON, or the summary of its errors.
func outcome(_ record: RecordSchema, _ input: JSONValue) -> String {
  switch validator.validate(input, as: record) {
  case .success(let object): JSONValue.object(object).description
  case .failure(let failure): failure.message
  }
}

/// What a single field `f` makes of a value.
func outcome(_ field: Field, _ value: JSONValue?) -> String {
  var input = JSONObject()
  if let value { input[field.name] = value }
  return outcome(RecordSchema([field]), .object(input))
}
