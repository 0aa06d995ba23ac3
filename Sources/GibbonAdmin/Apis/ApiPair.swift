// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// An API of Kong's first versions: a service, and one route to it whose id follows from the service's.
struct ApiPair: Sendable {
  let service: JSONObject
  let route: JSONObject

  /// The id of the route that makes a service an API.
  static func routeID(of service: EntityID) -> EntityID { EntityID.named("route of the api", in: service) }

  /// Whether a route is the half of an API.
  static func isHalf(_ route: JSONObject) -> Bool {
    guard let id = route["id"]?.stringValue.flatMap({ EntityID($0) }),
      let service = route["service"]?["id"]?.stringValue.flatMap({ EntityID($0) })
    else { return false }
    return self.routeID(of: service) == id
  }

  /// The API as it is shown, in the words of both generations; what is unset is left out.
  var shown: JSONObject {
    var object: JSONObject = [:]
    object["id"] = self.service["id"]
    object["name"] = self.service["name"]
    object["created_at"] = self.service["created_at"]?.intValue.map { .int(Int64($0) * 1000) }
    object["upstream_url"] = .string(self.upstreamURL)
    for (old, new) in Self.serviceNames { object[old] = self.service[new] }
    object["preserve_host"] = self.route["preserve_host"]
    object["strip_uri"] = self.route["strip_path"]
    object["strip_request_path"] = self.route["strip_path"]
    let protocols = self.route["protocols"]?.arrayValue ?? []
    object["https_only"] = .bool(!protocols.contains("http"))
    object["http_if_terminated"] = false
    let hosts = self.route["hosts"]?.arrayValue ?? []
    let uris = (self.route["paths"]?.arrayValue ?? []).compactMap(\.stringValue).map {
      $0.hasPrefix("~") ? String($0.dropFirst()) : $0
    }
    if !hosts.isEmpty { object["hosts"] = .array(hosts) }
    if !uris.isEmpty { object["uris"] = .strings(uris) }
    if let methods = self.route["methods"], !methods.isEmpty { object["methods"] = methods }
    if hosts.count == 1 { object["request_host"] = hosts[0] }
    if uris.count == 1 { object["request_path"] = .string(uris[0]) }
    return object
  }

  /// Fields of an API that a service has under another name.
  static let serviceNames = [
    ("retries", "retries"), ("upstream_connect_timeout", "connect_timeout"),
    ("upstream_send_timeout", "write_timeout"), ("upstream_read_timeout", "read_timeout"),
  ]

  private var upstreamURL: String {
    let scheme = self.service["protocol"]?.stringValue ?? "http"
    let port = self.service["port"]?.intValue ?? 80
    let isUsual = port == (scheme == "https" ? 443 : 80)
    return "\(scheme)://\(self.service["host"]?.stringValue ?? "")\(isUsual ? "" : ":\(port)")"
      + (self.service["path"]?.stringValue ?? "")
  }
}
