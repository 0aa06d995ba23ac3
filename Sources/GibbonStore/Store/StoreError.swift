// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Why a store did not do what it was asked.
public enum StoreError: Error, Sendable, Hashable {
  /// Another entity has these values.
  case unique(collection: String, fields: JSONObject)
  /// Another entity has this primary key.
  case primaryKey(collection: String, id: String)
  /// A foreign field names an entity that does not exist.
  case foreign(field: String, collection: String, id: String)
  /// Entities of another collection name this one.
  case referenced(collection: String, by: String)
  /// The entity to be replaced is not there any more.
  case missing(collection: String, id: String)
  /// The entity to be replaced was changed since it was read.
  case conflict(collection: String, id: String)
  /// The datastore does not answer; the reason, for the log and the client.
  case unavailable(String)
  /// The datastore's layout is not the one this version needs.
  case layout(String)
  /// Anything else; for the log, not for clients.
  case failure(String)
}

extension StoreError: CustomStringConvertible {
  public var description: String {
    switch self {
    case .unique(let collection, let fields): "\(collection): \(JSONValue.object(fields)) exists already"
    case .primaryKey(let collection, let id): "\(collection): id \(id) exists already"
    case .foreign(let field, let collection, let id): "\(field): there is no \(id) in \(collection)"
    case .referenced(let collection, let other): "\(collection): still referenced by \(other)"
    case .missing(let collection, let id): "\(collection): there is no \(id)"
    case .conflict(let collection, let id): "\(collection): \(id) was changed by somebody else"
    case .unavailable(let reason): "the datastore is not available: \(reason)"
    case .layout(let reason): reason
    case .failure(let reason): "the datastore failed: \(reason)"
    }
  }
}
