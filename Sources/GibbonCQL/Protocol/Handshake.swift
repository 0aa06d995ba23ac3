// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// From the first byte to a connection that takes statements: which version, and who we are. Decides; sends nothing.
struct Handshake {
  enum Step: Sendable, Hashable {
    case send(Request)
    case done
    /// The server wants an older version: on a new connection.
    case again(CQLVersion)
    case fail(CQLError)
  }

  private enum State { case asking, starting, proving(left: Int), over }

  /// That of the next request.
  private(set) var version: CQLVersion
  private let highest: CQLVersion
  private let username: String?
  private let password: String?
  private var state = State.asking
  /// Rounds of an authenticator, at most.
  private static let challengeLimit = 4

  /// - Parameter first: what to ask with. v4 is understood by all servers that know v5.
  init(_ settings: CQLSettings, first: CQLVersion? = nil) {
    self.highest = min(settings.highestVersion, first ?? settings.highestVersion)
    self.version = min(.v4, self.highest)
    self.username = settings.username
    self.password = settings.password
  }

  func begin() -> Step { .send(.options) }

  mutating func receive(_ response: Response) -> Step {
    if case .error(let error) = response { return self.refused(error) }
    switch (self.state, response) {
    case (.asking, .supported(let options)):
      guard let version = self.choose(options["PROTOCOL_VERSIONS"]) else {
        return .fail(.unavailable("the server speaks none of the versions of the protocol that we do"))
      }
      self.version = version
      self.state = .starting
      return .send(.startup)
    case (.starting, .ready), (.proving, .authSuccess):
      self.state = .over
      return .done
    case (.starting, .authenticate(let name)): return self.prove(name, left: Self.challengeLimit)
    case (.proving(let left), .authChallenge): return self.prove("it", left: left - 1)
    default: return .fail(.malformed("an answer out of turn during the handshake"))
    }
  }

  /// The newest that both know and that is no beta. Servers before 3.0 do not name theirs.
  private func choose(_ offered: [String]?) -> CQLVersion? {
    guard let offered else { return self.version }
    return CQLVersion.allCases.reversed().first { version in
      version <= self.highest
        && offered.contains { $0.hasPrefix("\(version.rawValue)/") && !$0.hasSuffix("beta") }
    }
  }

  /// SASL PLAIN (RFC 4616), which is what password authenticators take.
  private mutating func prove(_ authenticator: String, left: Int) -> Step {
    guard let username, let password, left > 0 else {
      return .fail(.refused(code: 0x0100, "the server asks for a password: \(authenticator)"))
    }
    self.state = .proving(left: left)
    return .send(.authResponse([0] + Array(username.utf8) + [0] + Array(password.utf8)))
  }

  private func refused(_ error: ServerError) -> Step {
    // The texts of servers differ, their code does not.
    if error.code == ServerError.protocolViolation {
      switch self.state {
      case .asking, .starting:
        if let older = CQLVersion(rawValue: self.version.rawValue - 1) { return .again(older) }
      case .proving, .over: break
      }
    }
    return .fail(.refused(code: error.code, error.message))
  }
}
