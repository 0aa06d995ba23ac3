// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonModel
public import GibbonSchema
internal import Synchronization

/// What a node resolves references with, until a reload replaces it. Thread-safe.
public final class NodeSecrets: Sendable {
  private let state: Mutex<Vaults>

  public init(_ vaults: Vaults = Vaults()) { self.state = Mutex(vaults) }

  /// Without the vaults that are entities.
  public var vaults: Vaults {
    get { self.state.withLock { $0 } }
    set { self.state.withLock { $0 = newValue } }
  }
}

extension Vaults {
  /// These, and the vaults that are entities.
  public func adding(_ entities: some Sequence<Vault>) -> Vaults {
    var vaults = self
    for entity in entities { vaults.entityPrefixes[entity.prefix] = entity.config["prefix"]?.stringValue ?? "" }
    return vaults
  }
}
