// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema
import GibbonStore
import Testing

@testable import GibbonControl

/// Entities of the datastore that cannot be read stand where they stood, and are named.
@Suite struct DamagedEntityTests {
  private static let id = "11111111-1111-4111-8111-111111111111"
  private static let other = "22222222-2222-4222-8222-222222222222"

  private func tables(_ collection: String, _ object: JSONObject) -> EntityTables {
    EntityTables(
      StoreSnapshot(rows: [collection: [StoredEntity(object, workspace: nil, revision: 1)]], revision: 1))
  }

  @Test func pluginWithoutANameStillStandsInItsPlace() throws {
    let tables = self.tables("plugins", ["id": .string(Self.id), "route": ["id": .string(Self.other)]])
    let plugin = try #require(tables.plugins.values.first)
    #expect(plugin.route?.description == Self.other)
    #expect(tables.damaged.values.first?.reason.contains(Self.id) == true)
  }

  @Test func pluginWhoseRouteCannotBeReadAppliesToEverything() throws {
    let tables = self.tables(
      "plugins", ["id": .string(Self.id), "name": "key-auth", "route": ["id": "no id at all"]])
    let plugin = try #require(tables.plugins.values.first)
    #expect(plugin.route == nil && plugin.name != "key-auth")
    #expect(tables.damaged.count == 1)
  }

  @Test func pluginThatIsOffStaysOff() {
    #expect(self.tables("plugins", ["id": .string(Self.id), "enabled": false]).plugins.isEmpty)
  }

  @Test func serviceWithoutAHostHasNoEndpoint() throws {
    let tables = self.tables("services", ["id": .string(Self.id), "port": "eighty", "host": "h"])
    #expect(try #require(tables.services.values.first).host == "")
  }

  @Test func routeKeepsItsRulesWhereTheyCanBeRead() throws {
    let object: JSONObject = ["id": .string(Self.id), "paths": ["/a"], "strip_path": "perhaps"]
    let tables = self.tables("routes", object)
    #expect(try #require(tables.routes.values.first).paths == ["/a"])
    #expect(tables.damaged.values.first?.reason.contains("500") == true)
  }

  @Test func routeWhoseRulesCannotBeReadMatchesNothingRatherThanEverything() {
    let tables = self.tables("routes", ["id": .string(Self.id), "paths": "/a"])
    #expect(tables.routes.isEmpty && tables.damaged.count == 1)
  }

  @Test func aChangeThatRepairsIsTheEndOfTheDamage() throws {
    var tables = self.tables("routes", ["id": .string(Self.id), "paths": "/a"])
    let good = StoredEntity(["id": .string(Self.id), "paths": ["/a"]], workspace: nil, revision: 2)
    tables.apply(
      EntityDelta(ChangeBatch([EntityChange(collection: "routes", id: Self.id, entity: good)], revision: 2)))
    #expect(tables.damaged.isEmpty && tables.routes.count == 1)
  }

  @Test func soundEntitiesAreReadAsBefore() {
    let tables = self.tables("services", ["id": .string(Self.id), "host": "h", "created_at": 1.5, "tags": .null])
    #expect(tables.services.count == 1 && tables.damaged.isEmpty)
  }
}
