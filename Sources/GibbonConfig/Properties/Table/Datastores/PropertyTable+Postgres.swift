// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension PropertyTable {
  private static let port = PropertyType.integer(1...65_535)
  private static let milliseconds = PropertyType.integer(0...Int(Int32.max))
  private static let amount = PropertyType.integer(0...Int(Int32.max))

  static let postgres = PropertySection(
    "PostgreSQL",
    "Used with `database = postgres`. The `pg_ro_*` properties describe a read-only replica and default to `pg_*`.",
    [
      Property("pg_host", .text, "127.0.0.1", .postgres, "Host of the server, or the folder of its Unix socket."),
      Property("pg_port", port, "5432", .postgres, "Its port."),
      Property("pg_database", .text, "kong", .postgres, "Name of the database."),
      Property("pg_schema", .text, .postgres, "Schema in it; the server's search path when unset."),
      Property("pg_timeout", milliseconds, "5000", .postgres, "Milliseconds for connecting, sending and reading."),
      Property("pg_user", .text, "kong", .postgres, "User to log in as."),
      Property("pg_password", .text, .postgres, "Password of that user.").sensitive,
      Property("pg_ssl", .flag, "off", .postgres, "Whether the connection uses TLS."),
      Property("pg_ssl_verify", .flag, "off", .postgres, "Whether the server's certificate is verified."),
      Property(
        "pg_max_concurrent_queries", amount, "0", .postgres, "Queries at the same time; 0 is unlimited."),
      Property(
        "pg_semaphore_timeout", milliseconds, "60000", .postgres,
        "Milliseconds a query waits for its turn when these are limited."),
      Property(
        "pg_keepalive_timeout", milliseconds, .postgres,
        "Milliseconds an idle connection is kept; for ever when unset."),
      Property("pg_pool_size", amount, .postgres, "Connections in the pool."),
      Property("pg_backlog", amount, .postgres, "Queries that may wait for a connection of the pool."),
      Property(
        "_debug_pg_ttl_cleanup_interval", .number(0...86_400), "300", .postgres,
        "Seconds between two removals of expired rows."),
      Property("pg_ro_host", .text, .postgres, "Host of the replica; setting it turns the replica on."),
      Property("pg_ro_port", port, .postgres, "Like `pg_port`."),
      Property("pg_ro_database", .text, .postgres, "Like `pg_database`."),
      Property("pg_ro_schema", .text, .postgres, "Like `pg_schema`."),
      Property("pg_ro_timeout", milliseconds, .postgres, "Like `pg_timeout`."),
      Property("pg_ro_user", .text, .postgres, "Like `pg_user`."),
      Property("pg_ro_password", .text, .postgres, "Like `pg_password`.").sensitive,
      Property("pg_ro_ssl", .flag, .postgres, "Like `pg_ssl`."),
      Property("pg_ro_ssl_verify", .flag, .postgres, "Like `pg_ssl_verify`."),
      Property("pg_ro_max_concurrent_queries", amount, .postgres, "Like `pg_max_concurrent_queries`."),
      Property("pg_ro_semaphore_timeout", milliseconds, .postgres, "Like `pg_semaphore_timeout`."),
      Property("pg_ro_keepalive_timeout", milliseconds, .postgres, "Like `pg_keepalive_timeout`."),
      Property("pg_ro_pool_size", amount, .postgres, "Like `pg_pool_size`."),
      Property("pg_ro_backlog", amount, .postgres, "Like `pg_backlog`."),
    ])
}
