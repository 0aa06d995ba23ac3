// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// A log level for all nodes of a datastore, told over the change feed by a row of `parameters`.
public struct LogLevelBroadcast: Sendable, Hashable {
  public let level: String
  /// Unix seconds, after which the old level is back.
  public let until: Double
  /// The node that was asked, which has it already.
  public let sender: EntityID

  static let key = "log_level"

  /// nil for a change of another kind.
  public init?(_ change: EntityChange) {
    guard change.collection == ParametersSchema.collection, let object = change.entity?.object,
      object["key"]?.stringValue == Self.key, let text = object["value"]?.stringValue,
      case .success(let value) = JSONParser.parse(text), let level = value["level"]?.stringValue,
      let until = value["until"]?.doubleValue, let sender = value["sender"]?.stringValue.flatMap({ EntityID($0) })
    else { return nil }
    self.level = level
    self.until = until
    self.sender = sender
  }
}

extension DataAccess {
  /// Tells every node to use a log level for a while.
  public func broadcast(logLevel level: String, seconds: Double, from sender: EntityID) async throws(DataError) {
    let now = self.now()
    let value: JSONValue = [
      "level": .string(level), "until": .double(now + seconds), "sender": .string(sender.description),
    ]
    let entity = StoredEntity(
      [
        "created_at": .int(Int64(now)), "key": .string(LogLevelBroadcast.key), "value": .string(value.description),
      ], workspace: nil)
    try await self.commit([.put(ParametersSchema.schema, entity)])
  }
}
