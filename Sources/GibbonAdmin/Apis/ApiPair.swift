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

  var id: String { self.service["id"]?.stringValue ?? "" }
  var routeID: String { self.route["id"]?.stringValue ?? "" }
  var strips: Bool { self.route["strip_path"]?.boolValue ?? true }
  var isHTTPSOnly: Bool { self.route["protocols"]?.arrayValue == ["https"] }

  /// Whether the route matches by what an API has no field for.
  var hasOtherRules: Bool { ["headers", "snis"].contains { self.route[$0]?.isEmpty == false } }

  /// `hosts`, `uris` or `methods` of the API.
  func list(_ name: String) -> [String] {
    let values = (self.route[name == "uris" ? "paths" : name]?.arrayValue ?? []).compactMap(\.stringValue)
    return name == "uris" ? values.map { $0.hasPrefix("~") ? String($0.dropFirst()) : $0 } : values
  }

  /// The API as it is shown, in the words of both generations; what is unset is left out.
  var shown: JSONObject {
    var object: JSONObject = [:]
    object["id"] = self.service["id"]
    object["name"] = self.service["name"]
    object["created_at"] = Self.milliseconds(self.service["created_at"])
    object["upstream_url"] = .string(self.upstreamURL)
    for (old, new, _) in Self.numbers { object[old] = self.service[new] }
    object["preserve_host"] = self.route["preserve_host"]
    object["strip_uri"] = .bool(self.strips)
    object["strip_request_path"] = .bool(self.strips)
    object["https_only"] = .bool(self.isHTTPSOnly)
    object["http_if_terminated"] = false
    for name in ["hosts", "uris", "methods"] {
      let values = self.list(name)
      if !values.isEmpty { object[name] = .strings(values) }
    }
    let hosts = self.list("hosts")
    let uris = self.list("uris")
    if hosts.count == 1 { object["request_host"] = .string(hosts[0]) }
    // The first generation knew no regular expressions.
    if uris.count == 1, ApiRules.isPlainPath(uris[0]) { object["request_path"] = .string(uris[0]) }
    return JSONObject(distinct: object.filter { !$0.value.isNull })
  }

  /// Numbers that a service has under another name, and what they are where nothing is said.
  static let numbers: [(old: String, new: String, initial: JSONValue)] = [
    ("retries", "retries", 5), ("upstream_connect_timeout", "connect_timeout", 60_000),
    ("upstream_send_timeout", "write_timeout", 60_000), ("upstream_read_timeout", "read_timeout", 60_000),
  ]

  /// A time in seconds as the old API showed it; nil for one beyond all numbers.
  static func milliseconds(_ seconds: JSONValue?) -> JSONValue? {
    guard let seconds = seconds?.intValue else { return nil }
    let (value, isOverflow) = Int64(seconds).multipliedReportingOverflow(by: 1000)
    return isOverflow ? nil : .int(value)
  }

  /// The route's path of a uri. One with characters that no plain path has was a regular expression. A slash at the
  /// end did not count.
  static func path(_ uri: String) -> String {
    if !ApiRules.isPlainPath(uri) { return "~" + uri }
    return uri.utf8.count > 1 && uri.hasSuffix("/") ? String(uri.dropLast()) : uri
  }

  private var upstreamURL: String {
    let scheme = self.service["protocol"]?.stringValue ?? "http"
    let port = self.service["port"]?.intValue ?? 80
    let isUsual = port == (scheme == "https" ? 443 : 80)
    let host = self.service["host"]?.stringValue ?? ""
    return "\(scheme)://\(host.contains(":") ? "[\(host)]" : host)\(isUsual ? "" : ":\(port)")"
      + (self.service["path"]?.stringValue ?? "")
  }
}
