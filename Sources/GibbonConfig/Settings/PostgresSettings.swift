// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A PostgreSQL server and how to use it.
public struct PostgresSettings: Sendable, Hashable {
  public let host: String
  public let port: Int
  public let database: String
  public let schema: String?
  public let user: String
  public let password: String?
  public let timeoutMilliseconds: Int
  public let usesTLS: Bool
  public let requiresTLS: Bool
  public let verifiesServer: Bool
  /// The file with the authorities that may vouch for the server.
  public let authorities: String
  /// What the client logs in with besides, or instead of, a password.
  public let certificate: ClientCertificate?
  /// Connections at the same time, at least one.
  public let connections: Int
  /// Statements that may wait for one.
  public let backlog: Int
  public let waitMilliseconds: Int
  /// nil keeps unused connections.
  public let idleMilliseconds: Int?

  /// Both are files.
  public struct ClientCertificate: Sendable, Hashable {
    public let file: String
    public let keyFile: String
  }

  /// Where distributions keep the authorities that everybody trusts.
  private static let systemAuthorities = "/etc/ssl/certs/ca-certificates.crt"

  /// - Parameter isReplica: a property with `pg_ro_` goes before the one with `pg_`.
  init(_ reader: SettingReader, isReplica: Bool = false) {
    func name(_ end: String) -> String {
      isReplica && reader.text("pg_ro_" + end) != nil ? "pg_ro_" + end : "pg_" + end
    }
    func number(_ end: String) -> Int? { reader.optionalInteger(name(end)).flatMap { $0 > 0 ? $0 : nil } }
    self.host = reader.text(name("host")) ?? "127.0.0.1"
    self.port = number("port") ?? 5432
    self.database = reader.text(name("database")) ?? "kong"
    self.schema = reader.text(name("schema"))
    self.user = reader.text(name("user")) ?? "kong"
    self.password = reader.text(name("password"))
    self.timeoutMilliseconds = number("timeout") ?? 5000
    self.usesTLS = reader.flag(name("ssl"))
    self.requiresTLS = reader.flag("pg_ssl_required")
    self.verifiesServer = reader.flag(name("ssl_verify"))
    let trusted = reader.list("lua_ssl_trusted_certificate").first ?? "system"
    self.authorities = trusted == "system" ? Self.systemAuthorities : PathText.absolute(trusted)
    if let file = reader.text("pg_ssl_cert"), let key = reader.text("pg_ssl_cert_key") {
      self.certificate = ClientCertificate(file: PathText.absolute(file), keyFile: PathText.absolute(key))
    } else {
      self.certificate = nil
    }
    let pool = number("pool_size") ?? 10
    self.connections = min(pool, number("max_concurrent_queries") ?? pool)
    self.backlog = reader.optionalInteger(name("backlog")) ?? 1024
    self.waitMilliseconds = number("semaphore_timeout") ?? 60_000
    self.idleMilliseconds = number("keepalive_timeout")
  }
}
