// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema
internal import GibbonStore

/// Refusals in the form of Kong's first versions: an object of fields with their messages, nothing around it.
enum ApiFaults {
  /// What the fields of services, routes and plugins were called.
  private static let names = [
    "host": "upstream_url", "port": "upstream_url", "path": "upstream_url", "protocol": "upstream_url",
    "url": "upstream_url", "paths": "uris", "connect_timeout": "upstream_connect_timeout",
    "write_timeout": "upstream_send_timeout", "read_timeout": "upstream_read_timeout", "strip_path": "strip_uri",
    "consumer": "consumer_id", "service": "api_id", "route": "route_id",
  ]

  static func translated<Value>(_ body: () async throws -> Value) async throws -> Value {
    do {
      return try await body()
    } catch let error as DataError {
      guard let response = Self.response(error) else { throw error }
      throw AdminError(response)
    }
  }

  private static func response(_ error: DataError) -> AdminResponse? {
    switch error.code {
    case .schemaViolation, .foreignKeysUnresolved: return .json(Self.faults(error.fields ?? .null), status: 400)
    case .uniqueViolation, .primaryKeyViolation:
      var faults: JSONObject = [:]
      for member in error.fields?.objectValue ?? [:] {
        if let text = member.value.stringValue { faults[member.key] = .string("already exists with value '\(text)'") }
      }
      return .json(faults, status: 409)
    case .foreignKeyViolation:
      guard let fields = error.fields?.objectValue, fields["@referenced_by"] == nil else {
        return .message(error.message, status: 409)
      }
      var faults: JSONObject = [:]
      for member in fields {
        let id = member.value["id"]?.stringValue ?? ""
        faults[Self.names[member.key] ?? member.key] = .string("does not exist with value '\(id)'")
      }
      return .json(faults, status: 404)
    case .notFound: return .message("Not found", status: 404)
    default: return nil
    }
  }

  /// Messages by dotted field; several about one field are an array.
  private static func faults(_ tree: JSONValue) -> JSONObject {
    var faults: JSONObject = [:]
    for leaf in Self.leaves(tree, path: []) {
      let first = leaf.path.first.map { Self.names[$0] ?? $0 } ?? "message"
      // A reference was a field of its own.
      let rest = first.hasSuffix("_id") ? [] : leaf.path.dropFirst()
      let path = ([first] + rest).joined(separator: ".")
      let message = JSONValue.string(Self.message(leaf.message, about: leaf.path.last ?? path))
      switch faults[path] {
      case nil: faults[path] = message
      case .array(let messages)?: faults[path] = .array(messages + [message])
      case let other?: faults[path] = other == message ? other : [other, message]
      }
    }
    return faults
  }

  private static func message(_ text: String, about field: String) -> String {
    switch text {
    case "required field missing": "\(field) is required"
    case "unknown field": "\(field) is an unknown field"
    default: text
    }
  }

  /// What is said of an object as a whole stands at the object.
  private static func leaves(_ value: JSONValue, path: [String]) -> [(path: [String], message: String)] {
    switch value {
    case .string(let message): [(path, message)]
    case .object(let object):
      object.flatMap { Self.leaves($0.value, path: $0.key == "@entity" ? path : path + [$0.key]) }
    case .array(let values): values.flatMap { Self.leaves($0, path: path) }
    default: []
    }
  }
}
