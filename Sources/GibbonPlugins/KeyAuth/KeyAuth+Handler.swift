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

  public func access(_ context: RequestContext) throws -> PhaseAction {
    if !self.configuration.runOnPreflight, context.request.method == "OPTIONS" { return .next }
    // Another authentication plugin has said who it is; this one may only add, not refuse.
    if self.configuration.anonymous != nil, context.client.credential != nil { return .next }
    switch self.authenticate(context) {
    case .known: return .next
    case .pending: return .suspend
    case .refused(let message): return self.refuse(context, message)
    }
  }

  private enum Outcome {
    case known, pending
    case refused(String)
  }

  private func authenticate(_ context: RequestContext) -> Outcome {
    // The usual key: once, in a header, under the first name.
    if self.configuration.keyInHeader, let name = self.names.first {
      let lookup = context.request.withHeaderBytes(name) { value, count in
        count > 1 || value.isEmpty ? nil : self.credentials.find(value)
      }
      if let lookup, let lookup { return self.conclude(context, lookup) }
    }
    switch self.findKey(context) {
    case .none: return .refused("No API key found in request")
    case .duplicate: return .refused("Duplicate API key found")
    case .key(let key): return self.conclude(context, self.credentials.find(Array(key.utf8).span))
    }
  }

  private func conclude(_ context: RequestContext, _ lookup: CredentialLookup) -> Outcome {
    switch lookup {
    case .missing: return .refused("Unauthorized")
    case .pending(let completion):
      completion(context.suspension())
      return .pending
    case .found(let credential):
      context.client.authenticate(credential)
      if self.configuration.hideCredentials { self.hideKey(context) }
      return .known
    }
  }

  private func refuse(_ context: RequestContext, _ message: String) -> PhaseAction {
    guard self.configuration.anonymous != nil else {
      return .respond(.error(status: 401, message, headers: [("WWW-Authenticate", self.challenge)]))
    }
    guard let anonymous = self.anonymous else {
      return .respond(.error(status: 500, "An unexpected error occurred"))
    }
    context.client.authenticate(anonymous: anonymous)
    return .next
  }

  // MARK: The key

  private enum Found {
    case none, duplicate
    case key(String)
  }

  /// Header, then query, then body, for each name in its order.
  private func findKey(_ context: RequestContext) -> Found {
    for name in self.configuration.keyNames {
      var values: [String] = []
      if self.configuration.keyInHeader { values = context.request.headers(name) }
      if values.isEmpty, self.configuration.keyInQuery { values = context.request.queryArguments(name) }
      if values.isEmpty, self.configuration.keyInBody { values = BodyFields.values(name, in: context) }
      if values.count > 1 { return .duplicate }
      if let key = values.first, !key.isEmpty { return .key(key) }
    }
    return .none
  }

  private func hideKey(_ context: RequestContext) {
    for name in self.configuration.keyNames {
      if self.configuration.keyInHeader { context.serviceRequest.clearHeader(name) }
      if self.configuration.keyInQuery, !context.request.queryArguments(name).isEmpty {
        context.serviceRequest.clearQueryArgument(name)
      }
      if self.configuration.keyInBody { BodyFields.remove(name, from: context) }
    }
  }
}
