// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// WebAssembly filters of a route or service: known, so that files and clients that use them get a clear
/// answer, and always refused.
public enum FilterChainsSchema {
  public static let collection = "filter_chains"

  public static let schema = EntitySchema(
    collection,
    RecordSchema(
      [
        .id,
        .utf8Name("name"),
        .boolean("enabled", .required, .default(true)),
        .foreign("route", to: "routes", .default(.null), .unique, .cascade),
        .foreign("service", to: "services", .default(.null), .unique, .cascade),
        .array("filters", of: .record(filter), .required, .minLength(1)),
        .createdAt,
        .updatedAt,
        .tags,
      ],
      checks: [
        .onlyOneOf(["service", "route"]), .atLeastOneOf(["service", "route"]), .custom(refusal),
      ]),
    configure: {
      $0.endpointKey = "name"
      $0.cacheKey = ["route", "service"]
      $0.adminPath = EntitySchema.AdminPath("filter-chains")
    })

  private static let filter = RecordSchema([
    .string("name", .required),
    .boolean("enabled", .required, .default(true)),
    .json("config"),
  ])

  private static let refusal = CustomCheck("wasm", fields: ["filters"], runsWithInvalidFields: true) { _ in
    [CheckViolation("wasm support is not enabled")]
  }
}
