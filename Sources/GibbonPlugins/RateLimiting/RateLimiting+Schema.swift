// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI
internal import GibbonSchema

extension RateLimitingPlugin {
  public static let descriptor = PluginDescriptor(
    version: "3.9.3", priority: 910, phases: .access,
    schema: PluginSchema("rate-limiting", config: config, checks: checks))

  private static let config = RecordSchema(
    Period.allCases.map { .number($0.name, .greater(than: 0)) } + [
      .string(
        "limit_by", .default("consumer"),
        .oneOf("consumer", "credential", "ip", "service", "header", "path")),
      .headerName("header_name"),
      .path("path"),
      .string("policy", .default("local"), .minLength(0), .oneOf("local", "cluster", "redis")),
      .boolean("fault_tolerant", .required, .default(true)),
      RedisSettings.field,
      .boolean("hide_client_headers", .required, .default(false)),
      .number("error_code", .default(429), .greater(than: 0)),
      .string("error_message", .default("API rate limit exceeded")),
      .number("sync_rate", .required, .default(-1)),
    ],
    validators: [PeriodOrder.check(word: "The"), syncRate],
    shorthands: RedisSettings.shorthands(of: "rate-limiting"))

  private static let checks: [EntityCheck] =
    [.atLeastOneOf(Period.allCases.map { "config.\($0.name)" })]
    + RedisSettings.checks
    + [
      .when("config.limit_by", .equal(to: "header"), require: "config.header_name", [.required]),
      .when("config.limit_by", .equal(to: "path"), require: "config.path", [.required]),
    ]

  private static let syncRate = CustomCheck("sync_rate", fields: ["policy", "sync_rate"]) { object in
    let rate = object["sync_rate"]?.doubleValue ?? -1
    if rate == -1 { return [] }
    if object["policy"]?.stringValue != "redis" {
      return [CheckViolation("sync_rate can only be used with the redis policy")]
    }
    return rate < 0.02 ? [CheckViolation("sync_rate must be greater than 0.02, or -1 to disable")] : []
  }
}

/// A longer period must not allow less than a shorter one.
enum PeriodOrder {
  /// - Parameter word: how the message begins: Kong's two plugins differ in it.
  static func check(word: String) -> CustomCheck {
    CustomCheck("limits", fields: Period.allCases.map(\.name)) { object in
      self.violation(object, word: word).map { [CheckViolation($0)] } ?? []
    }
  }

  static func violation(_ object: JSONObject, word: String) -> String? {
    let given = Period.allCases.compactMap { period in object[period.name]?.doubleValue.map { (period, $0) } }
    for (place, (shorter, lower)) in given.enumerated() {
      for (longer, upper) in given[(place + 1)...] where upper < lower {
        return "\(word) limit for \(longer.name)(\(Self.text(upper))) cannot be lower than the limit for "
          + "\(shorter.name)(\(Self.text(lower)))"
      }
    }
    return nil
  }

  /// One digit behind the point, as `%.1f` prints it.
  private static func text(_ value: Double) -> String {
    guard let tenths = Int(exactly: (value * 10).rounded()) else { return "\(value)" }
    return "\(tenths / 10).\(tenths % 10)"
  }
}
