// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonPluginAPI

/// What tells one client from the others.
enum ClientIdentifier: Sendable, Hashable {
  /// Of a consumer, credential or service.
  case id(EntityID)
  case address(IPAddress)
  /// A header's value, a path; `unix:` for who has no address.
  case text(String)

  var text: String {
    switch self {
    case .id(let id): "\(id)"
    case .address(let address): "\(address)"
    case .text(let text): text
    }
  }
}

/// Whose requests are counted together.
enum LimitBy: String, Sendable {
  case consumer, credential, ip, service, header, path

  /// Falls back to the client's address.
  ///
  /// - Parameters:
  ///   - header: the name, for `header`.
  ///   - path: for `path`.
  func client(of context: RequestContext, header: String? = nil, path: String? = nil) -> ClientIdentifier {
    switch self {
    case .service: if let service = context.matchedNames?.service { return .id(service.id) }
    case .header: if let header, let value = context.request.header(header) { return .text(value) }
    case .path: if let path, context.request.path == path { return .text(path) }
    case .ip: break
    case .credential: if let credential = context.client.credential { return .id(credential.id) }
    case .consumer:
      if let id = context.client.consumer?.id ?? context.client.credential?.id { return .id(id) }
    }
    return context.client.address.map { .address($0) } ?? .text("unix:")
  }
}
