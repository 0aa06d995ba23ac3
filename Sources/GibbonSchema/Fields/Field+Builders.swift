// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// How declarations are written. Without a name a builder makes the element of an array, set or map.
extension Field {
  public static func string(_ name: String, _ options: FieldOption...) -> Field { Field(name, .string, options) }
  public static func string(_ options: FieldOption...) -> Field { Field("", .string, options) }

  public static func integer(_ name: String, _ options: FieldOption...) -> Field { Field(name, .integer, options) }
  public static func integer(_ options: FieldOption...) -> Field { Field("", .integer, options) }

  public static func number(_ name: String, _ options: FieldOption...) -> Field { Field(name, .number, options) }
  public static func number(_ options: FieldOption...) -> Field { Field("", .number, options) }

  public static func boolean(_ name: String, _ options: FieldOption...) -> Field { Field(name, .boolean, options) }
  public static func boolean(_ options: FieldOption...) -> Field { Field("", .boolean, options) }

  public static func json(_ name: String, _ options: FieldOption...) -> Field { Field(name, .json, options) }

  public static func array(_ name: String, of element: Field, _ options: FieldOption...) -> Field {
    Field(name, .array(of: element.with(.required)), options)
  }
  public static func array(of element: Field, _ options: FieldOption...) -> Field {
    Field("", .array(of: element.with(.required)), options)
  }

  public static func set(_ name: String, of element: Field, _ options: FieldOption...) -> Field {
    Field(name, .set(of: element.with(.required)), options)
  }

  public static func map(_ name: String, keys: Field, values: Field, _ options: FieldOption...) -> Field {
    Field(name, .map(keys: keys.with(.required), values: values.with(.required)), options)
  }

  public static func record(_ name: String, _ record: RecordSchema, _ options: FieldOption...) -> Field {
    Field(name, .record(record), options)
  }
  public static func record(_ name: String, _ fields: [Field], _ options: FieldOption...) -> Field {
    Field(name, .record(RecordSchema(fields)), options)
  }
  public static func record(_ record: RecordSchema, _ options: FieldOption...) -> Field {
    Field("", .record(record), options)
  }

  public static func foreign(_ name: String, to entity: String, _ options: FieldOption...) -> Field {
    Field(name, .foreign(to: entity), options)
  }
}
