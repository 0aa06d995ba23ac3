// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// How to reach a Redis: the field `redis` that several plugins have.
struct RedisSettings: Decodable, Sendable, Hashable {
  var host: String?
  var port: Int?
  /// Milliseconds for connecting and for each answer.
  var timeout: Int?
  var username: String?
  var password: String?
  var database: Int?
  var ssl: Bool?
  var sslVerify: Bool?
  var serverName: String?

  static let field: Field = .record(
    "redis",
    [
      .host("host"),
      .port("port", .default(6379)),
      .timeout("timeout", .default(2000)),
      .string("username", .referenceable),
      .string("password", .minLength(0), .referenceable, .encrypted),
      .integer("database", .default(0)),
      .boolean("ssl", .default(false)),
      .boolean("ssl_verify", .default(false)),
      .sni("server_name"),
    ])

  /// With the policy `redis` there must be one.
  static let checks: [EntityCheck] = ["host", "port", "timeout"].map { field in
    .when("config.policy", .equal(to: "redis"), require: "config.redis.\(field)", [.required])
  }

  /// The names that these settings had before they were a record.
  static let shorthands: [Shorthand] = [
    .renamed(.string("redis_host"), to: ["redis", "host"]),
    .renamed(.integer("redis_port"), to: ["redis", "port"]),
    .renamed(.string("redis_password", .minLength(0)), to: ["redis", "password"]),
    .renamed(.string("redis_username"), to: ["redis", "username"]),
    .renamed(.boolean("redis_ssl"), to: ["redis", "ssl"]),
    .renamed(.boolean("redis_ssl_verify"), to: ["redis", "ssl_verify"]),
    .renamed(.string("redis_server_name"), to: ["redis", "server_name"]),
    .renamed(.integer("redis_timeout"), to: ["redis", "timeout"]),
    .renamed(.integer("redis_database"), to: ["redis", "database"]),
  ]
}
