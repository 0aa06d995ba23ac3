// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonStore

/// What the datastore holds at the revision that a commit builds on.
protocol CommittedState: Sendable {
  /// Whether its time is over or not.
  func entity(_ place: EntityPlace) async throws(StoreError) -> StoredEntity?
  /// Who has a unique value.
  func holder(of key: UniqueKey) async throws(StoreError) -> ExactText?
  /// Who names an entity, of collections that this gateway knows and of others.
  func children(of parent: EntityPlace) async throws(StoreError) -> [ChildKey]
  /// Some entities of a collection that are in a workspace.
  func ids(in workspace: ExactText, of collection: String, limit: Int) async throws(StoreError) -> [ExactText]
}
