// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The type of a field, as Kong's schemas name them.
public indirect enum FieldType: Sendable {
  case string
  /// A number without a fraction.
  case integer
  case number
  case boolean
  case array(of: Field)
  /// An array whose duplicates are dropped, the order kept.
  case set(of: Field)
  case map(keys: Field, values: Field)
  case record(RecordSchema)
  /// `{"id": …}` of an entity in the named collection.
  case foreign(to: String)
  /// Any JSON value.
  case json

  /// Kong's word for it, as in `expected a string` and `/schemas/…`.
  public var word: String {
    switch self {
    case .string: "string"
    case .integer: "integer"
    case .number: "number"
    case .boolean: "boolean"
    case .array: "array"
    case .set: "set"
    case .map: "map"
    case .record: "record"
    case .foreign: "foreign"
    case .json: "json"
    }
  }
}
