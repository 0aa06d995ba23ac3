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
      Property("pg_host", .text, "127.0.0.1", "Host of the server, or the folder of its Unix socket."),
      Property("pg_port", port, "5432", "Its port."),
      Property("pg_database", .text, "kong", "Name of the database."),
      Property("pg_schema", .text, "Schema in it; the server's search path when unset."),
      Property("pg_timeout", milliseconds, "5000", "Milliseconds for connecting, and for each statement."),
      Property("pg_user", .text, "kong", "User to log in as."),
      Property("pg_password", .text, "Password of that user.").sensitive,
      Property(
        "pg_ssl", .flag, "off",
        "Whether the connection uses TLS. Without the two below it is plain where the server has no TLS."),
      Property("pg_ssl_required", .flag, "off", "Whether a server without TLS is refused, where `pg_ssl` is on."),
      Property(
        "pg_ssl_verify", .flag, "off",
        """
        Whether the server needs a certificate for the name in `pg_host`, by an authority of \
        `lua_ssl_trusted_certificate`. Kong does not compare the name.
        """),
      Property("pg_ssl_cert", .path, "Certificate to log in with, a PEM file."),
      Property("pg_ssl_cert_key", .path, "Its key, a file that only its owner may read.").sensitive,
      Property(
        "pg_max_concurrent_queries", amount, "0", "Statements at the same time; 0 leaves it to `pg_pool_size`."),
      Property(
        "pg_semaphore_timeout", milliseconds, "60000",
        "Milliseconds a statement waits for a connection; then it fails."),
      Property(
        "pg_keepalive_timeout", milliseconds,
        "Milliseconds an idle connection is kept; for ever when unset or 0."),
      Property("pg_pool_size", amount, "Connections of this node, made when they are needed; 10 when unset."),
      Property("pg_backlog", amount, "Statements that may wait for a connection, more are refused; 1024 when unset."),
      Property(
        "_debug_pg_ttl_cleanup_interval", .number(0...86_400), "300",
        "Seconds between two removals of expired rows."),
      Property(
        "pg_ro_host", .text,
        """
        Host of the replica; setting it turns the replica on. It is read from where it has what this node has seen, \
        and else the main server is.
        """),
      Property("pg_ro_port", port, "Like `pg_port`."),
      Property("pg_ro_database", .text, "Like `pg_database`."),
      Property("pg_ro_schema", .text, "Like `pg_schema`."),
      Property("pg_ro_timeout", milliseconds, "Like `pg_timeout`."),
      Property("pg_ro_user", .text, "Like `pg_user`."),
      Property("pg_ro_password", .text, "Like `pg_password`.").sensitive,
      Property("pg_ro_ssl", .flag, "Like `pg_ssl`."),
      Property("pg_ro_ssl_verify", .flag, "Like `pg_ssl_verify`."),
      Property("pg_ro_max_concurrent_queries", amount, "Like `pg_max_concurrent_queries`."),
      Property("pg_ro_semaphore_timeout", milliseconds, "Like `pg_semaphore_timeout`."),
      Property("pg_ro_keepalive_timeout", milliseconds, "Like `pg_keepalive_timeout`."),
      Property("pg_ro_pool_size", amount, "Like `pg_pool_size`."),
      Property("pg_ro_backlog", amount, "Like `pg_backlog`."),
    ])
}
