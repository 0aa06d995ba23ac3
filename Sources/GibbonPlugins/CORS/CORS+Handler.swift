// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `cors`: tells browsers which pages of other origins may read responses (Fetch standard, CORS protocol).
public final class CORSPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var origins: [String]?
    var headers: [String]?
    var exposedHeaders: [String]?
    var methods: [String]?
    var maxAge: Double?
    var credentials: Bool
    var privateNetwork: Bool
    var preflightContinue: Bool
  }

  private let origins: AllowedOrigins
  private let credentials: Bool
  private let isPreflightTheServices: Bool
  private let privateNetwork: Bool
  private let allowedHeaders: String?
  private let allowedMethods: String
  private let exposedHeaders: String?
  private let maxAge: String?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.origins = try AllowedOrigins(configuration.origins ?? [])
    self.credentials = configuration.credentials
    self.isPreflightTheServices = configuration.preflightContinue
    self.privateNetwork = configuration.privateNetwork
    self.allowedHeaders = Self.list(configuration.headers)
    self.allowedMethods = (configuration.methods ?? Self.methods).joined(separator: ",")
    self.exposedHeaders = Self.list(configuration.exposedHeaders)
    self.maxAge = configuration.maxAge.map { age in Int64(exactly: age).map { "\($0)" } ?? "\(age)" }
  }

  /// Answers preflight requests: browsers ask before they send what a form could not.
  public func access(_ context: RequestContext) throws -> PhaseAction {
    let request = context.request
    guard request.isMethod("OPTIONS"), request.header("Origin") != nil,
      request.header("Access-Control-Request-Method") != nil
    else { return .next }
    context.pluginValue = Preflight()
    if self.isPreflightTheServices { return .next }
    var headers = self.decide(request).fields
    if let allowed = self.allowedHeaders ?? request.header("Access-Control-Request-Headers") {
      headers.append(("Access-Control-Allow-Headers", allowed))
    }
    headers.append(("Access-Control-Allow-Methods", self.allowedMethods))
    if let maxAge = self.maxAge { headers.append(("Access-Control-Max-Age", maxAge)) }
    if self.privateNetwork, request.header("Access-Control-Request-Private-Network")?.isSame(as: "true") == true {
      headers.append(("Access-Control-Allow-Private-Network", "true"))
    }
    return .respond(LocalResponse(status: 200, headers: headers))
  }

  public func headerFilter(_ context: RequestContext) throws {
    if context.pluginValue is Preflight { return }
    let decision = self.decide(context.request)
    let response = context.response
    if let origin = decision.origin {
      response.setHeader("Access-Control-Allow-Origin", origin)
    } else {
      response.clearHeader("Access-Control-Allow-Origin")
    }
    if decision.varies { response.addHeader("Vary", "Origin") }
    if decision.credentials { response.setHeader("Access-Control-Allow-Credentials", "true") }
    if let exposed = self.exposedHeaders { response.setHeader("Access-Control-Expose-Headers", exposed) }
  }

  /// This request's response headers are the preflight's, or the service's.
  private struct Preflight: Sendable {}

  private static func list(_ names: [String]?) -> String? {
    guard let names, !names.isEmpty else { return nil }
    return names.joined(separator: ",")
  }
}

// MARK: Whom to let in

extension CORSPlugin {
  private struct Decision {
    var origin: String?
    /// Caches must keep answers to different origins apart.
    var varies = true
    var credentials = false

    var fields: [(name: String, value: String)] {
      var fields: [(name: String, value: String)] = []
      if let origin = self.origin { fields.append(("Access-Control-Allow-Origin", origin)) }
      if self.varies { fields.append(("Vary", "Origin")) }
      if self.credentials { fields.append(("Access-Control-Allow-Credentials", "true")) }
      return fields
    }
  }

  private func decide(_ request: RequestView) -> Decision {
    switch self.origins {
    case .all:
      return self.forEverybody(request, varies: false)
    case .one(let origin):
      return Decision(origin: origin, credentials: self.credentials)
    case .several(let patterns):
      guard let text = request.header("Origin") else { return Decision(credentials: self.credentials) }
      if patterns.contains(where: \.isEverything) { return self.forEverybody(request, varies: true) }
      let origin = Origin(text)
      let isKnown = patterns.contains { $0.matches(origin) }
      return Decision(origin: isKnown ? origin.domain : nil, credentials: self.credentials)
    }
  }

  /// Browsers refuse `*` together with credentials: the origin is then told back.
  private func forEverybody(_ request: RequestView, varies: Bool) -> Decision {
    guard self.credentials, let origin = request.header("Origin") else {
      return Decision(origin: "*", varies: varies)
    }
    return Decision(origin: origin, varies: true, credentials: true)
  }
}
