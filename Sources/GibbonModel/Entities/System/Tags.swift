// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// The tags of all entities as a collection of its own: read only, derived.
public enum TagsSchema {
  public static let collection = "tags"

  public static let schema = EntitySchema(
    collection,
    RecordSchema([
      .string("tag", .required, .validated(by: .tag)),
      .string("entity_name", .required),
      Field.uuid("entity_id", .required),
    ]),
    configure: {
      $0.primaryKey = ["tag"]
      $0.endpointKey = "tag"
      $0.isWorkspaceable = false
      $0.isExported = false
      $0.adminPath = EntitySchema.AdminPath("tags")
    })
}
