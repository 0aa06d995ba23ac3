// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Where entities are kept, and what of them is held in memory.
public struct DatastoreSettings: Sendable, Hashable {
  /// The file of the embedded database; absolute.
  public let sqlitePath: String
  /// Between two looks for changes that others made; zero looks as often as makes sense.
  public let updateFrequency: Duration
  /// Bytes for credentials and their consumers, per kind of credential.
  public let cacheBytes: Int
  /// Between two deletions of what has outlived its time.
  public let cleanupInterval: Duration
  public let postgres: PostgresSettings
  /// The replica to read from, if there is one.
  public let postgresReplica: PostgresSettings?
  public let cassandra: CassandraSettings

  init(_ reader: SettingReader, prefix: String) {
    self.sqlitePath = PathText.absolute(reader.text("sqlite_path") ?? "gibbon.db", in: prefix)
    self.updateFrequency = reader.seconds("db_update_frequency") ?? .seconds(5)
    self.cacheBytes = reader.size("mem_cache_size").bytes
    self.cleanupInterval = reader.seconds("_debug_pg_ttl_cleanup_interval") ?? .seconds(300)
    self.postgres = PostgresSettings(reader)
    self.postgresReplica = reader.text("pg_ro_host") == nil ? nil : PostgresSettings(reader, isReplica: true)
    self.cassandra = CassandraSettings(reader)
  }
}

/// The Admin API.
public struct AdminSettings: Sendable, Hashable {
  /// Bytes of the largest request body.
  public let bodyBytes: Int
  /// URLs of web pages that may call it from a browser.
  public let allowedOrigins: [String]
  /// Hosts by which it may be called, besides those of the loopback.
  public let allowedHosts: [String]
  /// How long a client may take to send a head, and may pause while it sends a body and takes a response.
  public let headTimeout: Duration
  public let bodyTimeout: Duration
  public let sendTimeout: Duration
  /// How long a connection may wait for its next request.
  public let idleTimeout: Duration

  init(_ reader: SettingReader) {
    self.bodyBytes = reader.size("nginx_admin_client_max_body_size").bytes
    self.allowedOrigins = reader.list("admin_gui_url") + reader.list("admin_allowed_origins")
    self.allowedHosts = reader.list("admin_allowed_hosts")
    self.headTimeout = reader.duration("nginx_admin_client_header_timeout")
    self.bodyTimeout = reader.duration("nginx_admin_client_body_timeout")
    self.sendTimeout = reader.duration("nginx_admin_send_timeout")
    self.idleTimeout = reader.duration("nginx_admin_keepalive_timeout")
  }
}
