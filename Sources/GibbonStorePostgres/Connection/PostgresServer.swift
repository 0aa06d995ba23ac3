// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A server, how to log in there, and how much of it to use.
public struct PostgresServer: Sendable, Hashable {
  /// A name, an address, or the folder of a Unix socket.
  public var host: String
  public var port: Int
  public var database: String
  /// nil leaves it to the server's search path.
  public var schema: String?
  public var user: String
  public var password: String?
  public var encryption = Encryption.off
  /// The client's certificate and key, both files.
  public var certificate: Certificate?
  /// Milliseconds for connecting, and for each statement.
  public var timeoutMilliseconds = 5000
  public var pool = Pool()

  /// Whether the connection uses TLS.
  public enum Encryption: Sendable, Hashable {
    case off
    /// Where the server has it.
    case preferred
    case required
    /// With a certificate for the server's name, by an authority of this file.
    case verified(authorities: String)
  }

  public struct Certificate: Sendable, Hashable {
    public let file: String
    public let keyFile: String

    public init(file: String, keyFile: String) {
      self.file = file
      self.keyFile = keyFile
    }
  }

  /// How many connections there are, and who may wait for them.
  public struct Pool: Sendable, Hashable {
    public var connections = 10
    /// Statements that wait for a connection; more are refused.
    public var backlog = 1024
    /// Milliseconds that they wait.
    public var waitMilliseconds = 60_000
    /// Milliseconds after which an unused connection is closed; nil keeps it.
    public var idleMilliseconds: Int?

    public init() {}
  }

  public init(host: String, port: Int, database: String, user: String) {
    self.host = host
    self.port = port
    self.database = database
    self.user = user
  }

  /// For messages.
  var place: String { self.host.hasPrefix("/") ? self.host : "\(self.host):\(self.port)" }

  /// What libpq connects by. Everything is said, so that no variable of the environment has a say.
  func keywords(application: String) -> [(String, String)] {
    var words = [
      ("host", self.host), ("port", "\(self.port)"), ("dbname", self.database), ("user", self.user),
      ("password", self.password ?? ""), ("application_name", application), ("client_encoding", "UTF8"),
      ("options", ""), ("gssencmode", "disable"), ("target_session_attrs", "any"), ("keepalives", "1"),
      ("keepalives_idle", "10"), ("keepalives_interval", "5"), ("keepalives_count", "3"),
      ("tcp_user_timeout", "\(max(1000, self.timeoutMilliseconds))"),
    ]
    switch self.encryption {
    case .off: words.append(("sslmode", "disable"))
    case .preferred: words.append(("sslmode", "prefer"))
    case .required: words.append(("sslmode", "require"))
    case .verified(let authorities): words += [("sslmode", "verify-full"), ("sslrootcert", authorities)]
    }
    if let certificate { words += [("sslcert", certificate.file), ("sslkey", certificate.keyFile)] }
    return words
  }
}
