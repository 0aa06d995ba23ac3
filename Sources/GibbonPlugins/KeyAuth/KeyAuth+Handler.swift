// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI
internal import GibbonSchema

/// `key-auth`: who sends a known key is the consumer it belongs to.
public final class KeyAuthPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var keyNames: [String]
    var hideCredentials: Bool
    var anonymous: String?
    var keyInHeader: Bool
    var keyInQuery: Bool
    var keyInBody: Bool
    var runOnPreflight: Bool
    var realm: String?
  }

  private let configuration: Configuration
  private let credentials: any CredentialIndex
  private let anonymous: Consumer?
  private let challenge: String
  private let names: [FieldName]

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.configuration = configuration
    self.names = configuration.keyNames.map { FieldName($0) }
    self.credentials = environment.credentials(of: "keyauth_credentials")
    self.anonymous = configuration.anonymous.flatMap { environment.consumer(idOrUsername: $0) }
    self.challenge = configuration.realm.map { "Key realm=\"\($0)\"" } ?? "Key"
  }

  public var wantsRequestBody: Bool { self.configuration.keyInBody }
  public var secretArguments: [String] { self.configuration.keyInQuery ? self.configuration.keyNames : [] }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    if !self.configuration.runOnPreflight, context.request.isMethod("OPTIONS") { return .next }
    // Another authentication plugin has said who it is; this one may only add, not refuse.
    if self.configuration.anonymous != nil, context.client.credential != nil { return .next }
    var body = LazyBody()
    let outcome = self.authenticate(context, &body)
    if case .pending(let completion) = outcome {
      completion(context.suspension())
      return .suspend
    }
    if case .refused(let message) = outcome, self.configuration.anonymous == nil {
      return .respond(.error(status: 401, message, headers: [("WWW-Authenticate", self.challenge)]))
    }
    // It goes on, as whosever it is: right or wrong, a key that was sent is no business of the service's.
    if self.configuration.hideCredentials, case .failure(let fault) = self.hideKeys(context, &body) {
      return .respond(fault.answer)
    }
    if case .known(let credential) = outcome {
      context.client.authenticate(credential)
      return .next
    }
    guard let anonymous = self.anonymous else {
      return .respond(.error(status: 500, "An unexpected error occurred"))
    }
    context.client.authenticate(anonymous: anonymous)
    return .next
  }

  private enum Outcome {
    case known(Credential)
    case pending(@Sendable (Suspension) -> Void)
    case refused(String)
  }

  private func authenticate(_ context: RequestContext, _ body: inout LazyBody) -> Outcome {
    // The usual key: once, in a header, under the first name.
    if self.configuration.keyInHeader, let name = self.names.first {
      let lookup = context.request.withHeaderBytes(name) { value, count in
        count > 1 || value.isEmpty ? nil : self.credentials.find(value)
      }
      if let lookup, let lookup { return Self.outcome(lookup) }
    }
    switch self.findKey(context, &body) {
    case .none: return .refused("No API key found in request")
    case .duplicate: return .refused("Duplicate API key found")
    case .key(let key): return Self.outcome(self.credentials.find(key.span))
    }
  }

  private static func outcome(_ lookup: CredentialLookup) -> Outcome {
    switch lookup {
    case .missing: .refused("Unauthorized")
    case .pending(let completion): .pending(completion)
    case .found(let credential): .known(credential)
    }
  }

  // MARK: The key

  private enum Found {
    case none, duplicate
    case key([UInt8])
  }

  /// The body, read when it is first asked for.
  private struct LazyBody {
    private var result: Result<RequestBody?, BodyFault>?

    mutating func read(_ context: RequestContext) -> Result<RequestBody?, BodyFault> {
      if let result { return result }
      let result = Result { () throws(BodyFault) in try RequestBody.read(context) }
      self.result = result
      return result
    }
  }

  /// Header, then query, then body, for each name in its order. The first place that has a name counts, and a text
  /// there ends the search, also an empty one.
  private func findKey(_ context: RequestContext, _ body: inout LazyBody) -> Found {
    for name in self.configuration.keyNames {
      var value = RequestBody.Value.none
      if self.configuration.keyInHeader {
        value = Self.value(context.request.headers(lookingUp: name).map { Array($0.utf8) })
      }
      if value == .none, self.configuration.keyInQuery { value = Self.value(context.request.queryValues(name)) }
      if value == .none, self.configuration.keyInBody, case .success(let content?) = body.read(context) {
        value = content.value(of: name)
      }
      switch value {
      case .none, .other: continue
      case .several: return .duplicate
      case .text(let key): return key.isEmpty ? .none : .key(key)
      }
    }
    return .none
  }

  private static func value(_ values: [[UInt8]?]) -> RequestBody.Value {
    guard let first = values.first else { return .none }
    if values.count > 1 { return .several }
    return first.map { .text($0) } ?? .other
  }

  /// Takes every key off the request, right or wrong: it may go on as somebody else's, or nobody's.
  ///
  /// - Returns: a fault, when the body may hold one and cannot be read. One of a type that has no fields holds none.
  private func hideKeys(_ context: RequestContext, _ body: inout LazyBody) -> Result<Void, BodyFault> {
    let names = self.configuration.keyNames
    if self.configuration.keyInHeader {
      for name in names {
        context.serviceRequest.clearHeader(name)
        if name.utf8.contains(UInt8(ascii: "_")) { context.serviceRequest.clearHeader(name.dashed) }
      }
    }
    if self.configuration.keyInQuery {
      for name in names where !context.request.queryValues(name).isEmpty {
        context.serviceRequest.clearQueryArgument(name)
      }
    }
    guard self.configuration.keyInBody else { return .success(()) }
    switch body.read(context) {
    case .failure(.otherType): return .success(())
    case .failure(let fault): return .failure(fault)
    case .success(let content):
      if let changed = content?.removing(names) { context.serviceRequest.setBody(ByteBuffer(changed)) }
      return .success(())
    }
  }
}
