// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema
internal import GibbonStore

/// Refusals in the form of Kong's first versions: an object of fields with their messages, nothing around it.
enum ApiFaults {
  /// What the fields of services and routes were called.
  private static let names = [
    "host": "upstream_url", "port": "upstream_url", "path": "upstream_url", "protocol": "upstream_url",
    "url": "upstream_url", "paths": "uris", "connect_timeout": "upstream_connect_timeout",
    "write_timeout": "upstream_send_timeout", "read_timeout": "upstream_read_timeout", "strip_path": "strip_uri",
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
    case .schemaViolation:
      var faults: JSONObject = [:]
      for leaf in Self.leaves(error.fields ?? .null, path: []) {
        let name = Self.names[leaf.path.first ?? ""] ?? leaf.path.first ?? "message"
        let path = ([name] + leaf.path.dropFirst()).joined(separator: ".")
        faults[path == "@entity" ? "message" : path] = .string(leaf.message)
      }
      return .json(faults, status: 400)
    case .uniqueViolation:
      var faults: JSONObject = [:]
      for member in error.fields?.objectValue ?? [:] {
        if let text = member.value.stringValue { faults[member.key] = .string("already exists with value '\(text)'") }
      }
      return .json(faults, status: 409)
    case .primaryKeyViolation:
      let id = error.fields?["id"]?.stringValue ?? ""
      return .json(["id": .string("already exists with value '\(id)'")], status: 409)
    default: return nil
    }
  }

  private static func leaves(_ value: JSONValue, path: [String]) -> [(path: [String], message: String)] {
    switch value {
    case .string(let message): [(path, message)]
    case .object(let object): object.flatMap { Self.leaves($0.value, path: path + [$0.key]) }
    case .array(let values): values.flatMap { Self.leaves($0, path: path) }
    default: []
    }
  }
}
