// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema

/// `hmac-auth`: who signs parts of the request with the secret of a known name is the consumer it belongs to.
public final class HMACAuthPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var hideCredentials: Bool
    var clockSkew: Double?
    var anonymous: String?
    var validateRequestBody: Bool
    var enforceHeaders: [String]?
    var algorithms: [String]?
    var realm: String?
  }

  private let hidesCredentials: Bool
  private let clockSkew: Double
  private let enforcedHeaders: [String]
  private let algorithms: [HMACAlgorithm]
  private let credentials: any CredentialIndex
  private let isAnonymousAllowed: Bool
  private let anonymous: Consumer?
  private let challenge: String

  /// The body has to be in hand to compare it with `Digest`.
  public let wantsRequestBody: Bool

  private static let authorization = FieldName("authorization")
  private static let proxyAuthorization = FieldName("proxy-authorization")

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.hidesCredentials = configuration.hideCredentials
    self.clockSkew = configuration.clockSkew ?? 300
    self.enforcedHeaders = configuration.enforceHeaders ?? []
    self.algorithms = configuration.algorithms?.compactMap { HMACAlgorithm(rawValue: $0) } ?? HMACAlgorithm.allCases
    self.wantsRequestBody = configuration.validateRequestBody
    self.credentials = environment.credentials(of: "hmacauth_credentials")
    self.isAnonymousAllowed = configuration.anonymous != nil
    self.anonymous = configuration.anonymous.flatMap { environment.consumer(idOrUsername: $0) }
    self.challenge = configuration.realm.map { "hmac realm=\"\($0)\"" } ?? "hmac"
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    // Another authentication plugin has said who it is; this one may only add, not refuse.
    if self.isAnonymousAllowed, context.client.credential != nil { return .next }
    guard Self.hasField(Self.authorization, context) || Self.hasField(Self.proxyAuthorization, context) else {
      return self.refuse(context, "Unauthorized")
    }
    guard Self.dateFields.contains(where: { self.isTimely($0, context) }) else {
      return self.refuse(context, Self.untimely)
    }
    let (parameters, field) = Self.findParameters(context)
    switch try self.judge(parameters, context) {
    case .pending(let completion):
      completion(context.suspension())
      return .suspend
    case .known(let credential):
      self.hide(field, context)
      context.client.authenticate(credential)
      return .next
    case .refused(let message):
      self.hide(field, context)
      return self.refuse(context, message)
    case .unseenBody:
      return .respond(BodyFault.tooLarge.answer)
    }
  }

  private static let untimely =
    "HMAC signature cannot be verified, a valid date or x-date header is required for HMAC Authentication"
  private static let unverifiable = "HMAC signature cannot be verified"
  private static let different = "HMAC signature does not match"

  // MARK: What the request says

  private static func hasField(_ name: FieldName, _ context: RequestContext) -> Bool {
    context.request.withHeaderBytes(name) { _, _ in true } ?? false
  }

  /// The parameters, and the header that has them: the one for proxies comes first.
  private static func findParameters(_ context: RequestContext) -> (SignatureParameters?, FieldName) {
    for field in [Self.proxyAuthorization, Self.authorization] {
      let found = context.request.withHeaderBytes(field) { value, _ in SignatureParameters(value) } ?? nil
      if let found { return (found, field) }
    }
    return (nil, Self.authorization)
  }

  private static let dateFields = ["x-date", "date"]
  private static let digestField = "digest"

  /// Whether the request was made about now, by what this field says.
  private func isTimely(_ name: String, _ context: RequestContext) -> Bool {
    guard let date = context.request.header(name).flatMap({ HTTPDate($0) }) else { return false }
    let now = Int(context.startedWallMicroseconds / 1_000_000)
    return Double(abs(now - date.unixSeconds)) <= self.clockSkew
  }

  /// Whether the signature covers a header. One that stands beside what is signed may be anybody's.
  private static func signs(_ name: String, _ parameters: SignatureParameters) -> Bool {
    parameters.headers.contains { $0.isSame(ignoringCase: name) }
  }

  // MARK: Who it is

  private enum Outcome {
    case known(Credential)
    case pending(@Sendable (Suspension) -> Void)
    case refused(String)
    /// The signature is right, and the body is too large to be compared with what it says.
    case unseenBody
  }

  private func judge(_ parameters: SignatureParameters?, _ context: RequestContext) throws -> Outcome {
    guard let parameters,
      self.enforcedHeaders.allSatisfy({ name in parameters.headers.contains { $0.isSame(as: name) } }),
      let algorithm = HMACAlgorithm(rawValue: parameters.algorithm), self.algorithms.contains(algorithm)
    else { return .refused(Self.unverifiable) }
    switch self.credentials.find(parameters.username.span) {
    case .missing: return .refused(Self.unverifiable)
    case .pending(let completion): return .pending(completion)
    case .found(let credential):
      guard let secret = credential.fields["secret"]?.stringValue, !secret.isEmpty else {
        throw MissingSecret(credential: "\(credential.id)")
      }
      guard let text = SignedText.make(parameters.headers, context) else { return .refused(Self.unverifiable) }
      guard let signature = Base64.standard.decoded(parameters.signature[...]),
        algorithm.verifies(signature, of: text, secret: secret)
      else { return .refused(Self.different) }
      guard Self.dateFields.contains(where: { Self.signs($0, parameters) && self.isTimely($0, context) }) else {
        return .refused(Self.untimely)
      }
      guard self.wantsRequestBody else { return .known(credential) }
      guard let body = context.request.body else { return .unseenBody }
      return Self.isTrue(body, parameters, context) ? .known(credential) : .refused(Self.different)
    }
  }

  private struct MissingSecret: Error, CustomStringConvertible {
    let credential: String
    var description: String { "the hmacauth_credentials entity \(self.credential) has no secret" }
  }

  /// Whether the body is the one that a signed `Digest` tells of. Only an empty one may go without.
  private static func isTrue(
    _ body: ByteBuffer, _ parameters: SignatureParameters, _ context: RequestContext
  ) -> Bool {
    guard let digest = context.request.header(Self.digestField) else { return body.isEmpty }
    return Self.signs(Self.digestField, parameters) && BodyDigest.matches(digest, body.span.array)
  }

  // MARK: What becomes of it

  private func hide(_ field: FieldName, _ context: RequestContext) {
    if self.hidesCredentials { context.serviceRequest.clearHeader(field.text) }
  }

  private func refuse(_ context: RequestContext, _ message: String) -> PhaseAction {
    guard self.isAnonymousAllowed else {
      return .respond(.error(status: 401, message, headers: [("WWW-Authenticate", self.challenge)]))
    }
    guard let anonymous = self.anonymous else {
      return .respond(.error(status: 500, "An unexpected error occurred"))
    }
    context.client.authenticate(anonymous: anonymous)
    return .next
  }
}
