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

  /// For messages.
  var words: String { "redis \(self.host ?? "127.0.0.1"):\(self.port ?? 6379)" }

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

  /// The names that these settings of a plugin had before they were a record.
  static func shorthands(of plugin: String) -> [Shorthand] {
    let fields: [(Field, String)] = [
      (.string("redis_host"), "host"), (.integer("redis_port"), "port"),
      (.string("redis_password", .minLength(0)), "password"), (.string("redis_username"), "username"),
      (.boolean("redis_ssl"), "ssl"), (.boolean("redis_ssl_verify"), "ssl_verify"),
      (.string("redis_server_name"), "server_name"), (.integer("redis_timeout"), "timeout"),
      (.integer("redis_database"), "database"),
    ]
    return fields.map { field, name in .renamed(field, to: ["redis", name], of: plugin) }
  }
}
