// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema

/// `basic-auth`: who sends a known name with its password is the consumer they belong to (RFC 7617).
public final class BasicAuthPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var anonymous: String?
    var hideCredentials: Bool
    var realm: String
  }

  private let isAnonymousAllowed: Bool
  private let anonymous: Consumer?
  private let hidesCredentials: Bool
  private let credentials: any CredentialIndex
  private let refusal: LocalResponse

  private static let proxyAuthorization = FieldName("proxy-authorization")
  private static let authorization = FieldName("authorization")
  private static let first = [proxyAuthorization]
  private static let both = [proxyAuthorization, authorization]

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.isAnonymousAllowed = configuration.anonymous != nil
    self.anonymous = configuration.anonymous.flatMap { environment.consumer(idOrUsername: $0) }
    self.hidesCredentials = configuration.hideCredentials
    self.credentials = environment.credentials(of: "basicauth_credentials")
    self.refusal = .error(
      status: 401, "Unauthorized", headers: [("WWW-Authenticate", "Basic realm=\"\(configuration.realm)\"")])
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    // Another authentication plugin has said who it is; this one may only add, not refuse.
    if self.isAnonymousAllowed, context.client.credential != nil { return .next }
    switch self.look(in: Self.proxyAuthorization, context) {
    case .known(let credential, let isRight):
      return self.conclude(context, isRight ? credential : nil, tried: Self.first)
    case .pending(let completion): return self.wait(context, completion)
    case .unknown: break
    }
    switch self.look(in: Self.authorization, context) {
    case .known(let credential, let isRight):
      return self.conclude(context, isRight ? credential : nil, tried: Self.both)
    case .pending(let completion): return self.wait(context, completion)
    case .unknown: return self.conclude(context, nil, tried: Self.both)
    }
  }

  private enum Finding {
    /// Nobody is named, or somebody whom nobody knows.
    case unknown
    case known(Credential, isRight: Bool)
    case pending(@Sendable (Suspension) -> Void)
  }

  private func look(in field: FieldName, _ context: RequestContext) -> Finding {
    context.request.withHeaderBytes(field) { value, count in
      // Of two such fields the service may read the other one.
      guard count == 1, let given = BasicCredentials(value) else { return .unknown }
      switch given.withName({ self.credentials.find($0) }) {
      case .missing: return .unknown
      case .pending(let completion): return .pending(completion)
      case .found(let credential): return .known(credential, isRight: Self.isRight(given, for: credential))
      }
    } ?? .unknown
  }

  private static func isRight(_ given: BasicCredentials, for credential: Credential) -> Bool {
    guard let kept = credential.fields["password"]?.stringValue else { return false }
    let consumer = credential.fields["consumer"]?["id"]?.stringValue ?? "\(credential.consumer.id)"
    return PasswordHash(given.password, consumer: consumer).matches(kept)
  }

  private func wait(_ context: RequestContext, _ completion: @Sendable (Suspension) -> Void) -> PhaseAction {
    completion(context.suspension())
    return .suspend
  }

  /// - Parameter tried: the fields that were looked at, which are taken off where credentials are hidden.
  private func conclude(_ context: RequestContext, _ credential: Credential?, tried: [FieldName]) -> PhaseAction {
    if self.hidesCredentials { for field in tried { context.serviceRequest.clearHeader(field.text) } }
    if let credential {
      context.client.authenticate(credential)
      return .next
    }
    guard self.isAnonymousAllowed else { return .respond(self.refusal) }
    guard let anonymous = self.anonymous else {
      return .respond(.error(status: 500, "An unexpected error occurred"))
    }
    context.client.authenticate(anonymous: anonymous)
    return .next
  }
}
