// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// Settings of the cluster, such as its id. Internal: no API, no export.
public enum ParametersSchema {
  public static let collection = "parameters"

  public static let schema = EntitySchema(
    collection,
    RecordSchema([
      .createdAt,
      .string("key", .required, .unique),
      .string("value", .required),
    ]),
    configure: {
      $0.primaryKey = ["key"]
      $0.cacheKey = ["key"]
      $0.isWorkspaceable = false
      $0.isExported = false
    })
}
