// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

public enum UpstreamsSchema {
  public static let schema = EntitySchema(
    Upstream.collection, RecordSchema(fields, checks: checks, shorthands: shorthands),
    configure: {
      $0.endpointKey = "name"
      $0.adminPath = EntitySchema.AdminPath("upstreams")
    })

  static let passiveHealthyStatuses = [
    200, 201, 202, 203, 204, 205, 206, 207, 208, 226, 300, 301, 302, 303, 304, 305, 306, 307, 308,
  ]

  private static let hashInputs = [
    "none", "consumer", "ip", "header", "cookie", "path", "query_arg", "uri_capture",
  ]

  private static let fields: [Field] = [
    .id,
    .createdAt,
    .string("name", .required, .unique, .validated(by: .upstreamName)),
    .updatedAt,
    .string(
      "algorithm", .default("round-robin"),
      .oneOf("consistent-hashing", "least-connections", "round-robin", "latency")),
    .string("hash_on", .default("none"), .oneOf(hashInputs)),
    .string("hash_fallback", .default("none"), .oneOf(hashInputs)),
    .headerName("hash_on_header"),
    .headerName("hash_fallback_header"),
    .cookieName("hash_on_cookie"),
    .path("hash_on_cookie_path", .default("/")),
    .string("hash_on_query_arg", .minLength(1)),
    .string("hash_fallback_query_arg", .minLength(1)),
    .string("hash_on_uri_capture", .minLength(1)),
    .string("hash_fallback_uri_capture", .minLength(1)),
    .integer("slots", .default(10_000), .between(10, 65_536)),
    .record(
      "healthchecks",
      RecordSchema([active, passive, .number("threshold", .default(0), .between(0, 100), .apart)]),
      .showingDefaults),
    .tags,
    Field("host_header", .string, [.validated(by: .hostWithOptionalPort)]),
    .foreign("client_certificate", to: "certificates"),
    .boolean("use_srv_name", .default(false)),
  ]

  // MARK: Health checks

  private static let kind: Field = .string(
    "type", .default("http"), .oneOf("tcp", "http", "https", "grpc", "grpcs"))

  private static func seconds(_ name: String, _ initial: JSONValue) -> Field {
    .number(name, .default(initial), .between(0, 65535))
  }

  private static func count(_ name: String) -> Field { .integer(name, .default(0), .between(0, 255)) }

  private static func statuses(_ values: [Int]) -> Field {
    .array(
      "http_statuses", of: .integer(.between(100, 999)), .default(.array(values.map { .int(Int64($0)) })))
  }

  private static let active: Field = .record(
    "active",
    [
      .headers("headers", .notRequired),
      .integer("concurrency", .default(10), .between(1, 2_147_483_648)),
      seconds("timeout", 1),
      .sni("https_sni", .notRequired),
      .boolean("https_verify_certificate", .required, .default(true)),
      kind,
      .path("http_path", .default("/")),
      .record(
        "unhealthy",
        [
          count("timeouts"), count("http_failures"), seconds("interval", 0),
          statuses([429, 404, 500, 501, 502, 503, 504, 505]), count("tcp_failures"),
        ], .showingDefaults),
      .record("healthy", [seconds("interval", 0), count("successes"), statuses([200, 302])], .showingDefaults),
    ], .showingDefaults)

  private static let passive: Field = .record(
    "passive",
    [
      kind,
      .record(
        "unhealthy",
        [statuses([429, 500, 503]), count("http_failures"), count("timeouts"), count("tcp_failures")],
        .showingDefaults),
      .record("healthy", [statuses(passiveHealthyStatuses), count("successes")], .showingDefaults),
    ], .showingDefaults)

  // MARK: Checks

  private static let checks: [EntityCheck] =
    [
      needs("hash_on", "header", "hash_on_header"),
      needs("hash_fallback", "header", "hash_fallback_header"),
      needs("hash_on", "cookie", "hash_on_cookie"),
      needs("hash_fallback", "cookie", "hash_on_cookie"),
      fallback(after: "none", oneOf: ["none"]),
      fallback(after: "cookie", oneOf: ["none"]),
    ]
    + ["consumer", "ip", "path"].map { input in fallback(after: input, oneOf: hashInputs.filter { $0 != input }) }
    + [
      .distinct(["hash_on_header", "hash_fallback_header"]),
      needs("hash_on", "query_arg", "hash_on_query_arg"),
      needs("hash_fallback", "query_arg", "hash_fallback_query_arg"),
      .distinct(["hash_on_query_arg", "hash_fallback_query_arg"]),
      needs("hash_on", "uri_capture", "hash_on_uri_capture"),
      needs("hash_fallback", "uri_capture", "hash_fallback_uri_capture"),
      .distinct(["hash_on_uri_capture", "hash_fallback_uri_capture"]),
    ]

  private static func needs(_ field: String, _ value: String, _ companion: String) -> EntityCheck {
    .when(field, .equal(to: .string(value)), require: companion, [.required])
  }

  private static func fallback(after input: String, oneOf values: [String]) -> EntityCheck {
    .when("hash_on", .equal(to: .string(input)), require: "hash_fallback", [.oneOf(values)])
  }

  // MARK: Shorthands

  /// Kong keeps `algorithm` and `hash_on` consistent in this order, so that files of the time before
  /// `algorithm` mean what they meant.
  private static let shorthands = [
    Shorthand(.string("algorithm")) { value in
      value == "least-connections" || value == "latency"
        ? ["algorithm": value, "hash_on": .null] : ["algorithm": value]
    },
    Shorthand(.string("hash_on")) { value in
      switch value {
      case .null: ["hash_on": "none"]
      case "none": ["hash_on": value, "algorithm": "round-robin"]
      default: ["hash_on": value, "algorithm": "consistent-hashing"]
      }
    },
  ]
}
