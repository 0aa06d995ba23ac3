// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema
internal import GibbonStore

/// What a request says of an API, in either generation's words, on its way to a service and a route.
struct ApiInput: Sendable {
  private(set) var fields: JSONObject
  private var faults: JSONObject = [:]

  private static let texts: Set<String> = ["name", "request_host", "request_path", "upstream_url"]
  private static let lists: Set<String> = ["hosts", "uris", "methods"]
  private static let flags: Set<String> = [
    "strip_request_path", "strip_uri", "preserve_host", "https_only", "http_if_terminated",
  ]
  private static let numbers: Set<String> = [
    "retries", "upstream_connect_timeout", "upstream_send_timeout", "upstream_read_timeout", "created_at",
  ]

  /// Takes the members of a body; lists may be texts with commas, flags and numbers may be texts.
  init(_ input: JSONObject) {
    self.fields = [:]
    for member in input where member.key != "id" {
      let name = member.key
      if member.value.isNull {
        self.fields[name] = .null
      } else if Self.texts.contains(name) {
        self.take(name, member.value.stringValue.map { .string($0) }, "\(name) is not a string")
      } else if Self.lists.contains(name) {
        self.take(name, Self.list(member.value), "\(name) is not an array")
      } else if Self.flags.contains(name) {
        self.take(name, Self.flag(member.value), "\(name) is not a boolean")
      } else if Self.numbers.contains(name) {
        self.take(name, Self.number(member.value), "\(name) is not a number")
      } else {
        self.faults[name] = .string("\(name) is an unknown field")
      }
    }
  }

  private mutating func take(_ name: String, _ value: JSONValue?, _ fault: String) {
    if let value { self.fields[name] = value } else { self.faults[name] = .string(fault) }
  }

  private static func list(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .array(let values): return values.allSatisfy { $0.stringValue != nil } ? value : nil
    case .object(let object) where object.isEmpty: return []
    case .string(let text):
      return .strings(text.split(separator: ",").map { String($0.drop { $0 == " " }) })
    default: return nil
    }
  }

  private static func flag(_ value: JSONValue) -> JSONValue? {
    switch value {
    case .bool: value
    case "true": true
    case "false": false
    default: nil
    }
  }

  private static func number(_ value: JSONValue) -> JSONValue? {
    if let text = value.stringValue { return Int64(text).map { .int($0) } }
    return value.intValue.map { .int(Int64($0)) }
  }

  /// This over what an API has already; the words of one generation replace those of the other.
  func over(_ existing: JSONObject) -> ApiInput {
    var merged = self
    var base = existing
    for (old, new) in [("request_host", "hosts"), ("request_path", "uris"), ("strip_request_path", "strip_uri")] {
      // The old words are shown beside the new ones; only what this says counts of the two.
      base[old] = nil
      if self.fields[old] != nil { base[new] = nil }
    }
    for name in ["id"] { base[name] = nil }
    for member in self.fields { base[member.key] = member.value }
    merged.fields = base
    return merged
  }

  // MARK: Service and route

  /// - Throws: the flat object of faults that clients of the old API expect.
  func entities(id: EntityID, tags: (service: JSONValue, route: JSONValue) = (.null, .null)) throws(AdminError)
    -> (service: JSONObject, route: JSONObject)
  {
    var faults = self.faults
    if self.text("upstream_url") == nil, faults["upstream_url"] == nil {
      faults["upstream_url"] = "upstream_url is required"
    }
    if let url = self.text("upstream_url"), !Self.isURL(url) { faults["upstream_url"] = "upstream_url is not a url" }
    let hosts = self.items("hosts", or: "request_host")
    let uris = self.items("uris", or: "request_path")
    let name = self.text("name") ?? hosts.first ?? uris.first.map(Self.name)
    if name == nil, faults["name"] == nil { faults["name"] = "name is required" }
    if !faults.isEmpty { throw AdminError(.json(faults, status: 400)) }
    let methods = self.items("methods", or: "")
    guard !hosts.isEmpty || !uris.isEmpty || !methods.isEmpty else {
      throw AdminError(400, "at least one of 'hosts', 'uris' or 'methods' must be specified")
    }
    return (
      self.service(id, name ?? "", tags.service),
      self.route(id, name ?? "", (hosts, uris, methods), tags.route)
    )
  }

  private func service(_ id: EntityID, _ name: String, _ tags: JSONValue) -> JSONObject {
    var service: JSONObject = ["id": .string(id.description), "name": .string(name), "tags": tags]
    service["url"] = self.text("upstream_url").map { .string($0) }
    service["created_at"] = self.fields["created_at"]?.intValue.map { .int(Int64($0 / 1000)) }
    for (old, new) in ApiPair.serviceNames {
      if let value = self.fields[old], !value.isNull { service[new] = value }
    }
    return service
  }

  private func route(
    _ id: EntityID, _ name: String, _ rules: (hosts: [String], uris: [String], methods: [String]), _ tags: JSONValue
  ) -> JSONObject {
    let isOld = self.fields["request_path"] != nil || self.fields["request_host"] != nil
    let strips = self.fields["strip_uri"]?.boolValue ?? self.fields["strip_request_path"]?.boolValue ?? !isOld
    let isHTTPSOnly = self.fields["https_only"]?.boolValue ?? false
    return [
      "id": .string(ApiPair.routeID(of: id).description), "name": .string(name), "tags": tags,
      "service": ["id": .string(id.description)],
      "hosts": rules.hosts.isEmpty ? .null : .strings(rules.hosts),
      "paths": rules.uris.isEmpty ? .null : .strings(rules.uris.map(Self.path)),
      "methods": rules.methods.isEmpty ? .null : .strings(rules.methods),
      "strip_path": .bool(strips),
      "preserve_host": .bool(self.fields["preserve_host"]?.boolValue ?? false),
      "protocols": isHTTPSOnly ? ["https"] : ["http", "https"],
    ]
  }

  private func text(_ name: String) -> String? {
    self.fields[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  private func items(_ list: String, or single: String) -> [String] {
    let many = (self.fields[list]?.arrayValue ?? []).compactMap(\.stringValue)
    return many.isEmpty ? self.text(single).map { [$0] } ?? [] : many
  }

  private static func isURL(_ text: String) -> Bool {
    let url = URLParts(text)
    return (url.scheme == "http" || url.scheme == "https") && url.host?.isEmpty == false
  }

  /// An API without a name was called after its path.
  private static func name(_ path: String) -> String {
    let bare = path.drop { $0 == "/" }.map { $0 == "/" ? "-" : $0 }
    return String(bare.map { $0.isASCII && ($0.isLetter || $0.isNumber || "._~-".contains($0)) ? $0 : "-" })
  }

  /// A uri with characters that no plain path has was a regular expression. A slash at the end did not count.
  private static func path(_ uri: String) -> String {
    let isPlain = uri.utf8.allSatisfy { byte in
      byte.isASCIILetter || byte.isASCIIDigit || "_.-~/%".utf8.contains(byte)
    }
    if !isPlain { return "~" + uri }
    return uri.count > 1 && uri.hasSuffix("/") ? String(uri.dropLast()) : uri
  }
}
