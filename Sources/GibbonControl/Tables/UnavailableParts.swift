// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel

/// What entities ask for and this version of Gibbon cannot do, so that nobody looks for the fault elsewhere. Costs what
/// a change touches.
struct UnavailableParts: Sendable {
  private var remarks: [EntityID: String] = [:]

  var warnings: [String] { self.remarks.values.sorted() }

  mutating func apply(_ delta: EntityDelta) {
    for (id, service) in delta.services { self.remarks[id] = service.flatMap(Self.remark) }
  }

  private static func remark(_ service: Service) -> String? {
    guard service.isEnabled else { return nil }
    let name = service.name ?? "\(service.id)"
    switch service.protocol {
    case .grpc, .grpcs, .http, .https: return nil
    case .tcp, .tls, .udp, .tlsPassthrough: break
    }
    return "service '\(name)' has protocol '\(service.protocol.rawValue)': streams: not available in this version of "
      + "Gibbon, requests to it are answered with 502"
  }
}
