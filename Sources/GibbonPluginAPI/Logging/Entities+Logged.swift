// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Entities as logs show them: the fields that are set, under their names.
private struct LoggedFields {
  var members: [JSONObject.Member] = []

  mutating func add(_ key: String, _ value: JSONValue?) {
    if let value { self.members.append(.init(key, value)) }
  }

  mutating func add(_ key: String, _ text: String?) { self.add(key, text.map { .string($0) }) }
  mutating func add(_ key: String, _ number: Int?) { self.add(key, number.map { .int(Int64($0)) }) }
  mutating func add(_ key: String, _ isOn: Bool?) { self.add(key, isOn.map { .bool($0) }) }
  mutating func add(_ key: String, reference id: EntityID?) { self.add(key, id.map { ["id": .string("\($0)")] }) }

  /// A list that is not given is not shown.
  mutating func add(_ key: String, _ texts: [String]) {
    if !texts.isEmpty { self.add(key, .array(texts.map { .string($0) })) }
  }

  /// What every entity has.
  mutating func addCommon(_ id: EntityID, _ createdAt: Int, _ updatedAt: Int, _ tags: [String]) {
    self.add("id", "\(id)")
    self.add("created_at", createdAt)
    self.add("updated_at", updatedAt)
    self.add("tags", tags)
    self.add("ws_id", "\(Workspace.defaultID)")
  }

  var object: JSONObject { JSONObject(distinct: self.members) }
}

extension Route {
  var logged: JSONObject {
    var fields = LoggedFields()
    fields.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    fields.add("name", self.name)
    fields.add("protocols", self.protocols.map(\.rawValue))
    fields.add("https_redirect_status_code", self.httpsRedirectStatusCode)
    fields.add("strip_path", self.stripPath)
    fields.add("preserve_host", self.preserveHost)
    fields.add("request_buffering", self.requestBuffering)
    fields.add("response_buffering", self.responseBuffering)
    fields.add("service", reference: self.service)
    fields.add("snis", self.snis)
    fields.add("methods", self.methods)
    fields.add("hosts", self.hosts)
    fields.add("paths", self.paths)
    if !self.headers.isEmpty {
      let headers = self.headers.map { ($0.name, JSONValue.array($0.values.map { .string($0) })) }
      fields.add("headers", .object(JSONObject(headers)))
    }
    if let expression = self.expression {
      fields.add("expression", expression)
      fields.add("priority", self.priority)
    } else {
      fields.add("regex_priority", self.regexPriority)
      fields.add("path_handling", self.pathHandling.rawValue)
    }
    return fields.object
  }
}

extension Service {
  var logged: JSONObject {
    var fields = LoggedFields()
    fields.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    fields.add("name", self.name)
    fields.add("retries", self.retries)
    fields.add("protocol", self.protocol.rawValue)
    fields.add("host", self.host)
    fields.add("port", self.port)
    fields.add("path", self.path)
    fields.add("connect_timeout", self.connectTimeoutMilliseconds)
    fields.add("write_timeout", self.writeTimeoutMilliseconds)
    fields.add("read_timeout", self.readTimeoutMilliseconds)
    fields.add("client_certificate", reference: self.clientCertificate)
    fields.add("tls_verify", self.tlsVerify)
    fields.add("tls_verify_depth", self.tlsVerifyDepth)
    fields.add("ca_certificates", self.caCertificates.map { "\($0)" })
    fields.add("enabled", self.isEnabled)
    return fields.object
  }
}

extension Consumer {
  var logged: JSONObject {
    var fields = LoggedFields()
    fields.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    fields.add("username", self.username)
    fields.add("custom_id", self.customID)
    return fields.object
  }
}
