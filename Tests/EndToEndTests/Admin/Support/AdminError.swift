// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting
import Testing

/// Bodies of errors, as clients of Kong know them.
enum AdminError {
  static let notFound: JSON = ["message": "Not found"]
  static let notAllowed: JSON = ["message": "Method not allowed"]

  static func violation(_ message: String, _ fields: JSON) -> JSON {
    ["code": 2, "name": "schema violation", "message": .string(message), "fields": fields]
  }

  /// One field at fault.
  static func violation(_ field: String, _ message: String) -> JSON {
    Self.violation("schema violation (\(field): \(message))", [field: .string(message)])
  }

  static func duplicate(_ key: String, _ fields: JSON) -> JSON {
    [
      "code": 5, "name": "unique constraint violation", "message": "UNIQUE violation detected on '{\(key)}'",
      "fields": fields,
    ]
  }

  static func duplicate(_ field: String, of value: String) -> JSON {
    Self.duplicate("\(field)=\"\(value)\"", [field: .string(value)])
  }

  static func unknownReference(_ field: String, _ id: String, _ collection: String) -> JSON {
    [
      "code": 4, "name": "foreign key violation",
      "message": "the foreign key '{id=\"\(id)\"}' does not reference an existing '\(collection)' entity.",
      "fields": [field: ["id": .string(id)]],
    ]
  }

  static func unresolved(_ field: String, _ key: String, _ value: String, _ collection: String) -> JSON {
    let fault = "the foreign key cannot be resolved with '{\(key)=\"\(value)\"}' for an existing '\(collection)' entity"
    return [
      "code": 13, "name": "foreign keys unresolved",
      "message": "foreign key unresolved (\(field).\(key): \(fault))", "fields": [field: [key: .string(fault)]],
    ]
  }

  static func referenced(by child: String, _ collection: String) -> JSON {
    [
      "code": 4, "name": "foreign key violation",
      "message": "an existing '\(child)' entity references this '\(collection)' entity",
      "fields": ["@referenced_by": .string(child)],
    ]
  }

  static func missing(id: String) -> JSON {
    [
      "code": 6, "name": "not found", "message": "could not find the entity with primary key '{id=\"\(id)\"}'",
      "fields": ["id": .string(id)],
    ]
  }

  static func missing(_ field: String, _ value: String) -> JSON {
    [
      "code": 6, "name": "not found", "message": "could not find the entity with '{\(field)=\"\(value)\"}'",
      "fields": [field: .string(value)],
    ]
  }

  static let invalidPrimaryKey: JSON = [
    "code": 1, "name": "invalid primary key",
    "message": "invalid primary key: '{id=\"expected a valid UUID\"}'", "fields": ["id": "expected a valid UUID"],
  ]

  static func invalidOption(_ option: String, _ message: String) -> JSON {
    [
      "code": 11, "name": "invalid options", "message": "invalid option (\(option): \(message))",
      "options": [option: .string(message)],
    ]
  }

  static func unsupported(_ what: String) -> JSON {
    [
      "code": 12, "name": "operation unsupported", "message": "cannot \(what) when not using a database",
    ]
  }
}

/// Ids that no entity has.
enum Unknown {
  static let id = "00000000-0000-4000-8000-00000000beef"
}

/// Expects a status and, where one is given, exactly a body.
func expect(
  _ reply: AdminReply, _ status: Int, _ body: JSON? = nil, _ location: SourceLocation = #_sourceLocation
) {
  #expect(reply.status == status, "\(reply)", sourceLocation: location)
  if let body { #expect(reply.json == body, sourceLocation: location) }
}
