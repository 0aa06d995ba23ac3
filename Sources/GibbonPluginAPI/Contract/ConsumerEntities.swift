// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema
internal import Synchronization

/// Finds the entities of a collection that belong to a consumer, such as its groups. Thread-safe, never blocks.
public protocol ConsumerEntityIndex: AnyObject, Sendable {
  func find(_ consumer: EntityID) -> ConsumerEntityLookup
}

/// What is known of a consumer's entities now.
public enum ConsumerEntityLookup: Sendable {
  /// All there are; a consumer without any, and one that does not exist, has none.
  case found(ConsumerEntities)
  /// They must be read from the datastore: suspend, and hand the suspension to `completion`; the phase is then called
  /// again.
  case pending(completion: @Sendable (Suspension) -> Void)
}

/// A consumer's entities of one collection. Immutable: when one changes, there is another list.
public final class ConsumerEntities: Sendable {
  public static let none = ConsumerEntities([])

  /// In the order of their ids.
  public let rows: [JSONObject]
  private let preparation = Mutex<(any Sendable)?>(nil)

  package init(_ rows: [JSONObject]) { self.rows = rows }

  /// What a plugin makes of the rows, made when it is first asked for and kept with them. `make` depends on the rows
  /// alone: every instance that asks for this type gets the same value.
  public func prepared<Value: Sendable>(_ make: ([JSONObject]) -> Value) -> Value {
    self.preparation.withLock { held in
      if let value = held as? Value { return value }
      let value = make(self.rows)
      held = value
      return value
    }
  }
}

/// Where nobody has anything: the index of a collection that there is not.
package final class NoConsumerEntities: ConsumerEntityIndex {
  package init() {}

  package func find(_ consumer: EntityID) -> ConsumerEntityLookup { .found(.none) }
}
