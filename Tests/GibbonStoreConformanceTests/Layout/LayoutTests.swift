// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

/// Schemas say what a store must find entities by; migrations must have made that.
@Suite struct LayoutTests {
  private static let layouts = Dictionary(grouping: Schemas.plan.layouts, by: \.name)

  @Test(arguments: Schemas.registry.schemas.map(\.name).filter { $0 != TagsSchema.collection })
  func migrationsMakeWhatTheSchemaDemands(collection: String) throws {
    let schema = try #require(Schemas.registry.schema(named: collection))
    #expect(Self.layouts[collection] == [TableLayout(schema)])
  }

  @Test func migrationsMakeNothingElse() {
    let collections = Set(Schemas.registry.schemas.map(\.name)).subtracting([TagsSchema.collection])
    #expect(Set(Self.layouts.keys) == collections)
  }

  @Test func aForgottenMigrationIsNoticed() {
    let plan = MigrationPlan(groups: [MigrationPlan.Group("core", Schemas.plan.groups[0].migrations)])
    #expect(!plan.layouts.contains { $0 == TableLayout(Schemas.credentials) })
    let changed = EntitySchema("consumers", RecordSchema([.id, .string("username", .unique)]))
    #expect(!plan.layouts.contains { $0 == TableLayout(changed) })
  }

  @Test func parentsAreMadeBeforeTheirChildren() {
    var made: Set<String> = []
    for layout in Schemas.plan.layouts {
      for reference in layout.references { #expect(made.contains(reference.collection), "\(layout.name)") }
      made.insert(layout.name)
    }
  }

  @Test func namesOfMigrationsAreUnique() {
    for group in Schemas.plan.groups {
      let names = group.migrations.map(\.name)
      #expect(Set(names).count == names.count)
    }
  }
}
