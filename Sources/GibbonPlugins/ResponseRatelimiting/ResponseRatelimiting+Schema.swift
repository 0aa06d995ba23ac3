// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension ResponseRatelimitingPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 900, phases: [.access, .headerFilter, .log],
    schema: PluginSchema("response-ratelimiting", config: config, checks: RedisSettings.checks))

  private static let config = RecordSchema(
    [
      .string("header_name", .default("x-kong-limit")),
      .string("limit_by", .default("consumer"), .oneOf("consumer", "credential", "ip")),
      .string("policy", .default("local"), .oneOf("local", "cluster", "redis")),
      .boolean("fault_tolerant", .required, .default(true)),
      RedisSettings.field,
      .boolean("block_on_first_violation", .required, .default(false)),
      .boolean("hide_client_headers", .required, .default(false)),
      .map("limits", keys: .string(), values: .record(periods), .required, .minLength(1)),
    ], shorthands: RedisSettings.shorthands(of: "response-ratelimiting"))

  private static let periods = RecordSchema(
    Period.allCases.map { .number($0.name, .greater(than: 0)) },
    checks: [.atLeastOneOf(Period.allCases.map(\.name))], validators: [PeriodOrder.check(word: "the")])
}
