// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonModel
public import GibbonPluginAPI

/// `acl`: lets in, or keeps out, the consumers of some groups.
///
/// Groups of a request that has no consumer, or an anonymous one, may come from another plugin: an array of texts under
/// `authenticated_groups` in the context's `shared`.
public final class ACLPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var allow: [String]?
    var deny: [String]?
    var hideGroupsHeader: Bool
    var alwaysUseAuthenticatedGroups: Bool
  }

  /// Whether members are kept out; otherwise all others are.
  private let denies: Bool
  private let listed: Set<[UInt8]>
  private let hidesGroups: Bool
  private let prefersAuthenticatedGroups: Bool
  private let groups: any ConsumerEntityIndex

  private static let consumerGroups = "X-Consumer-Groups"
  private static let authenticatedGroups = "X-Authenticated-Groups"

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    let denied = configuration.deny ?? []
    self.denies = !denied.isEmpty
    self.listed = Set((denied.isEmpty ? configuration.allow ?? [] : denied).map { Array($0.utf8) })
    self.hidesGroups = configuration.hideGroupsHeader
    self.prefersAuthenticatedGroups = configuration.alwaysUseAuthenticatedGroups
    self.groups = environment.entities(of: "acls")
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let client = context.client
    let mayUseAuthenticated = client.consumer == nil || client.credential == nil || self.prefersAuthenticatedGroups
    if mayUseAuthenticated, let names = context.shared["authenticated_groups"] as? [String] {
      return self.decide(context, authenticated: ConsumerGroups(names))
    }
    guard let consumer = client.consumer else { return self.refuse(context) }
    switch self.groups.find(consumer.id) {
    case .found(let entities): return self.decide(context, entities.prepared { ConsumerGroups(rows: $0) })
    case .pending(let completion):
      completion(context.suspension())
      return .suspend
    }
  }

  private func decide(_ context: RequestContext, _ groups: ConsumerGroups) -> PhaseAction {
    if groups.isEmpty, !self.denies { return self.refuse(context) }
    guard self.passes(groups) else { return .respond(Self.forbidden) }
    self.tell(context, Self.consumerGroups, groups.text, not: Self.authenticatedGroups)
    return .next
  }

  private func decide(_ context: RequestContext, authenticated groups: ConsumerGroups) -> PhaseAction {
    guard self.passes(groups) else { return .respond(Self.forbidden) }
    // As Kong does, a list of denied groups tells the service nothing of those that are not on it.
    self.tell(
      context, Self.authenticatedGroups, self.denies ? nil : groups.text, not: Self.consumerGroups)
    return .next
  }

  private func passes(_ groups: ConsumerGroups) -> Bool { groups.contains(anyOf: self.listed) != self.denies }

  /// What the client says of its groups itself never reaches the service.
  private func tell(_ context: RequestContext, _ name: String, _ groups: String?, not other: String) {
    if let groups, !self.hidesGroups {
      context.serviceRequest.setHeader(name, groups)
    } else {
      context.serviceRequest.clearHeader(name)
    }
    context.serviceRequest.clearHeader(other)
  }

  private static let forbidden = LocalResponse.error(status: 403, "You cannot consume this service")
  private static let unauthorized = LocalResponse.error(status: 401, "Unauthorized")

  /// Where nothing says what groups there are.
  private func refuse(_ context: RequestContext) -> PhaseAction {
    .respond(context.client.credential == nil ? Self.unauthorized : Self.forbidden)
  }
}
