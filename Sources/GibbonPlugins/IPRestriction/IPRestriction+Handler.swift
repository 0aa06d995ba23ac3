// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `ip-restriction`: lets requests in by the address they come from.
public final class IPRestrictionPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var allow: [String]?
    var deny: [String]?
    var status: Double?
    var message: String?
  }

  private let allow: AddressSet
  private let deny: AddressSet
  private let status: UInt16
  private let message: String?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.allow = try AddressSet(configuration.allow ?? [])
    self.deny = try AddressSet(configuration.deny ?? [])
    self.status = configuration.status.flatMap { UInt16(exactly: $0.rounded(.down)) } ?? 403
    self.message = configuration.message
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    guard let address = context.client.address else {
      return .respond(
        .error(
          status: 403, "Cannot identify the client IP address, unix domain sockets are not supported."))
    }
    let isDenied = self.deny.contains(address)
    let isAllowed = self.allow.isEmpty || self.allow.contains(address)
    if isAllowed, !isDenied { return .next }
    return .respond(.error(status: self.status, self.message ?? "IP address not allowed: \(address)"))
  }
}
