// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonSchema

/// What a request says of an API, in the words of either generation.
struct ApiInput: Sendable {
  /// Whether fields that are not given take their defaults; otherwise they stay.
  enum Extent: Sendable {
    case whole, part
  }

  /// Null unsets a field.
  private let fields: JSONObject
  private let extent: Extent
  /// What is there already.
  private let existing: ApiPair?

  /// - Throws: the flat object of faults that clients of the old API expect.
  init(_ body: JSONObject, _ extent: Extent, over existing: ApiPair? = nil) throws(AdminError) {
    var fields: JSONObject = [:]
    var faults: JSONObject = [:]
    for member in body {
      let name = member.key
      guard let field = ApiField.all[name] else {
        faults[name] = .string("\(name) is an unknown field")
        continue
      }
      switch field.read(member.value, named: name) {
      case .failure(let fault): faults[name] = .string(fault.message)
      case .success(let value):
        fields[name] = value
        if !value.isNull, let fault = ApiRules.fault(name, value) { faults[name] = .string(fault) }
      }
    }
    self.fields = fields
    self.extent = extent
    self.existing = existing
    for name in ["name", "upstream_url"] where faults[name] == nil && self.lacks(name) {
      faults[name] = .string("\(name) is required")
    }
    if let id = fields["id"], let existing, id.stringValue != existing.id { faults["id"] = "id cannot be updated" }
    if !faults.isEmpty { throw AdminError(.json(faults, status: 400)) }
    if self.hasNoRules { throw AdminError(400, "at least one of 'hosts', 'uris' or 'methods' must be specified") }
  }

  /// The id that a new API shall have.
  var id: EntityID? { self.fields["id"]?.stringValue.flatMap { EntityID($0) } }

  private func lacks(_ name: String) -> Bool {
    if name == "name", self.extent == .whole { return self.name == nil }
    guard let value = self.fields[name] else { return self.extent == .whole }
    return value.isEmpty
  }

  private var hasNoRules: Bool {
    let names: [(new: String, old: String?)] = [("hosts", "request_host"), ("uris", "request_path"), ("methods", nil)]
    for (name, old) in names {
      if !(self.list(name, or: old) ?? self.existing?.list(name) ?? []).isEmpty { return false }
    }
    // Its route may have got other rules by way of /routes.
    return self.extent == .whole || self.existing?.hasOtherRules != true
  }

  // MARK: Fields

  private func text(_ name: String) -> String? {
    self.fields[name]?.stringValue.flatMap { $0.isEmpty ? nil : $0 }
  }

  /// The name; an API of the first generation without one was called after its host or path.
  var name: String? {
    if let name = self.text("name") { return name }
    guard self.extent == .whole else { return nil }
    let source = self.text("request_host") ?? self.text("request_path").map { String($0.drop { $0 == "/" }) }
    let bytes = (source ?? "").utf8.map { ApiRules.isNameByte($0) ? $0 : UInt8(ascii: "-") }
    return bytes.isEmpty ? nil : String(decoding: bytes, as: UTF8.self)
  }

  /// A list, from either generation's field; nil where it stays as it is.
  ///
  /// An answer shows both fields. Where both come back, the one that changed counts.
  private func list(_ name: String, or old: String?) -> [String]? {
    let one: [String]? = old.flatMap { self.fields[$0] }.map { $0.isEmpty ? [] : [$0.stringValue ?? ""] }
    guard let given = self.fields[name] else { return one ?? (self.extent == .whole ? [] : nil) }
    let many = (given.arrayValue ?? []).compactMap(\.stringValue)
    guard let one else { return many }
    return many.isEmpty || many == self.existing?.list(name) ? one : many
  }

  private func flag(_ name: String) -> Bool? {
    self.fields[name].map { $0.boolValue ?? false } ?? (self.extent == .whole ? false : nil)
  }

  /// The first generation kept the path unless told otherwise, the second stripped it.
  private var strips: Bool? {
    let new = self.fields["strip_uri"].map { $0.boolValue ?? true }
    let old = self.fields["strip_request_path"].map { $0.boolValue ?? false }
    if let new, let old { return new == self.existing?.strips ? old : new }
    if let given = new ?? old { return given }
    guard self.extent == .whole else { return nil }
    let hasNewRules = ["hosts", "uris", "methods"].contains { self.fields[$0]?.isEmpty == false }
    return hasNewRules || (self.text("request_host") == nil && self.text("request_path") == nil)
  }

  // MARK: Service and route

  /// The fields of the service.
  var service: JSONObject {
    var service: JSONObject = [:]
    service["name"] = self.name.map { .string($0) }
    service["url"] = self.text("upstream_url").map { .string($0) }
    if let time = self.fields["created_at"]?.intValue { service["created_at"] = .int(Int64(time / 1000)) }
    for (old, new, initial) in ApiPair.numbers {
      if let value = self.fields[old] {
        service[new] = value.isNull ? initial : value
      } else if self.extent == .whole {
        service[new] = initial
      }
    }
    return service
  }

  /// The fields of the route.
  var route: JSONObject {
    var route: JSONObject = [:]
    route["name"] = self.name.map { .string($0) }
    let paths = self.list("uris", or: "request_path").map { $0.map(ApiPair.path) }
    for (name, list) in [
      ("hosts", self.list("hosts", or: "request_host")), ("paths", paths), ("methods", self.list("methods", or: nil)),
    ] {
      if let list { route[name] = list.isEmpty ? .null : .strings(list) }
    }
    route["strip_path"] = self.strips.map { .bool($0) }
    route["preserve_host"] = self.flag("preserve_host").map { .bool($0) }
    if let isHTTPSOnly = self.flag("https_only"), isHTTPSOnly != self.existing?.isHTTPSOnly {
      route["protocols"] = isHTTPSOnly ? ["https"] : ["http", "https"]
      // Kong's first versions told clients to upgrade.
      if isHTTPSOnly { route["https_redirect_status_code"] = 426 }
    }
    return route
  }
}
