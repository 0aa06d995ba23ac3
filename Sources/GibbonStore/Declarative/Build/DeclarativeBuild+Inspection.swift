// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
internal import GibbonSchema

/// What only a look at the whole configuration tells: whether an entity could be served.
extension DeclarativeBuild {
  /// Reports what an inspection finds.
  ///
  /// - Parameter configuration: all entities; none had a problem.
  mutating func inspect(_ configuration: DeclarativeConfiguration, with inspection: any EntityInspection) {
    let declared = DeclaredEntities(configuration)
    // The entities of a collection are in the order of their entries.
    var next = Array(repeating: 0, count: self.collections.count)
    for position in self.entries.indices {
      let collection = self.entries[position].collection
      let schema = self.collections[collection]
      defer { next[collection] += 1 }
      guard let rows = configuration.rows[schema.name], next[collection] < rows.count else { continue }
      let row = rows[next[collection]]
      guard let needs = inspection.needs(of: row, as: schema) else { continue }
      let faults = inspection.faults(in: row, as: schema, knowing: declared.findings(for: needs))
      if faults.isEmpty { continue }
      // For the problem's name; the entries were emptied when they were validated.
      self.entries[position].object = row
      for leaf in ErrorTree.record(faults).leaves {
        self.report(leaf.message, in: position, at: leaf.path, isAboutEntity: leaf.isAboutEntity)
      }
    }
  }
}
