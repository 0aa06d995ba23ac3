// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema

/// `jwt`: who sends a signed token (RFC 7519) is the consumer of the credential that the token names and whose key
/// verifies it.
public final class JWTPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var uriParamNames: [String]?
    var cookieNames: [String]?
    var headerNames: [String]?
    var keyClaimName: String?
    var secretIsBase64: Bool
    var claimsToVerify: [String]?
    var anonymous: String?
    var runOnPreflight: Bool
    var maximumExpiration: Double?
    var realm: String?
  }

  /// Where later plugins find the token.
  static let sharedToken = "authenticated_jwt_token"

  private let sources: TokenSources
  private let claimName: String
  private let rules: ClaimRules
  private let keys: VerificationKeys
  private let credentials: any CredentialIndex
  private let runsOnPreflight: Bool
  private let isAnonymousAllowed: Bool
  private let anonymous: Consumer?
  private let challenge: String

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.sources = TokenSources(
      arguments: configuration.uriParamNames ?? [], cookies: configuration.cookieNames ?? [],
      headers: configuration.headerNames ?? [])
    self.claimName = configuration.keyClaimName ?? "iss"
    self.rules = ClaimRules(
      verified: (configuration.claimsToVerify ?? []).compactMap { ClaimRules.Claim(rawValue: $0) },
      maximumExpiration: configuration.maximumExpiration ?? 0)
    self.keys = VerificationKeys(isSecretBase64: configuration.secretIsBase64)
    self.credentials = environment.credentials(of: "jwt_secrets")
    self.runsOnPreflight = configuration.runOnPreflight
    self.isAnonymousAllowed = configuration.anonymous != nil
    self.anonymous = configuration.anonymous.flatMap { environment.consumer(idOrUsername: $0) }
    self.challenge = configuration.realm.map { "Bearer realm=\"\($0)\"" } ?? "Bearer"
  }

  public var secretArguments: [String] { self.sources.arguments }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    if !self.runsOnPreflight, context.request.isMethod("OPTIONS") { return .next }
    // Another authentication plugin has said who it is; this one may only add, not refuse.
    if self.isAnonymousAllowed, context.client.credential != nil { return .next }
    switch try self.authenticate(context) {
    case .known(let credential, let token):
      context.client.authenticate(credential)
      context.shared[Self.sharedToken] = String(decoding: token, as: UTF8.self)
      return .next
    case .pending(let completion):
      completion(context.suspension())
      return .suspend
    case .refused(let refusal):
      return self.refuse(context, refusal)
    }
  }

  // MARK: Who it is

  private enum Outcome {
    case known(Credential, token: [UInt8])
    case pending(@Sendable (Suspension) -> Void)
    case refused(Refusal)

    static func refused(_ message: String) -> Outcome { .refused(Refusal(body: ["message": .string(message)])) }
  }

  private struct Refusal {
    let body: JSONValue
    /// Whether there was a token, and it is the matter.
    var isTokenInvalid = true
  }

  private func authenticate(_ context: RequestContext) throws -> Outcome {
    switch self.sources.find(in: context) {
    case .none: return .refused(Refusal(body: ["message": "Unauthorized"], isTokenInvalid: false))
    case .several: return .refused("Multiple tokens provided")
    case .unrecognizable: return .refused("Unrecognizable token")
    case .token(let text):
      switch SignedToken.read(text) {
      case .failure(let fault): return .refused("Bad token; \(fault.reason)")
      case .success(let token): return try self.authenticate(context, token, text)
      }
    }
  }

  private func authenticate(_ context: RequestContext, _ token: SignedToken, _ text: [UInt8]) throws -> Outcome {
    guard let value = token.value(of: self.claimName) else {
      return .refused("No mandatory '\(self.claimName)' in claims")
    }
    guard let key = value.stringValue, !key.isEmpty else { return .refused("Invalid '\(self.claimName)' in claims") }
    switch self.credentials.find(Array(key.utf8).span) {
    case .missing: return .refused("No credentials found for given '\(self.claimName)'")
    case .pending(let completion): return .pending(completion)
    case .found(let credential):
      let now = Int(context.startedWallMicroseconds / 1_000_000)
      if let refusal = try self.verify(token, credential, now: now) { return .refused(refusal) }
      return .known(credential, token: text)
    }
  }

  /// Why the token is not the credential's; nil when it is.
  private func verify(_ token: SignedToken, _ credential: Credential, now: Int) throws -> Refusal? {
    // The credential says how its tokens are signed, never the token.
    let algorithm = credential.fields["algorithm"]?.stringValue ?? SignatureAlgorithm.initial.rawValue
    guard token.algorithm.rawValue == algorithm else { return Refusal(body: ["message": "Invalid algorithm"]) }
    switch self.keys.key(of: credential, for: token.algorithm) {
    case .missing: return Refusal(body: ["message": "Invalid key/secret"])
    case .unreadable: throw UnreadableKey(credential: "\(credential.id)")
    case .key(let key):
      guard key.verifies(token) else { return Refusal(body: ["message": "Invalid signature"]) }
      return self.rules.violations(token.claims, now: now).map { Refusal(body: .object($0)) }
    }
  }

  private struct UnreadableKey: Error, CustomStringConvertible {
    let credential: String
    var description: String { "rsa_public_key of the jwt_secrets entity \(self.credential) is no key that can be used" }
  }

  private func refuse(_ context: RequestContext, _ refusal: Refusal) -> PhaseAction {
    guard self.isAnonymousAllowed else {
      let challenge = refusal.isTokenInvalid ? self.challenge + " error=\"invalid_token\"" : self.challenge
      return .respond(.json(status: 401, refusal.body, headers: [("WWW-Authenticate", challenge)]))
    }
    guard let anonymous = self.anonymous else {
      return .respond(.error(status: 500, "An unexpected error occurred"))
    }
    context.client.authenticate(anonymous: anonymous)
    context.shared[Self.sharedToken] = nil
    return .next
  }
}
