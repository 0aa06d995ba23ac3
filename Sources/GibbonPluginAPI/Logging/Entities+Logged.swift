// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
internal import GibbonSchema

/// Entities as logs show them, as JSON: the fields that are set.
extension JSONStream {
  fileprivate mutating func add(_ key: StaticString, _ text: String?) {
    guard let text else { return }
    self.key(key)
    self.text(text)
  }

  fileprivate mutating func add(_ key: StaticString, _ number: Int?) {
    guard let number else { return }
    self.key(key)
    self.int(number)
  }

  fileprivate mutating func add(_ key: StaticString, _ isOn: Bool?) {
    guard let isOn else { return }
    self.key(key)
    self.bool(isOn)
  }

  fileprivate mutating func add(_ key: StaticString, id: EntityID) {
    self.key(key)
    self.id(id)
  }

  fileprivate mutating func add(_ key: StaticString, reference id: EntityID?) {
    guard let id else { return }
    self.key(key)
    self.beginObject()
    self.add("id", id: id)
    self.endObject()
  }

  /// A list that is not given is not shown.
  fileprivate mutating func add<Element>(
    _ key: StaticString, _ list: [Element], _ write: (inout JSONStream, Element) -> Void
  ) {
    guard !list.isEmpty else { return }
    self.key(key)
    self.beginArray()
    for element in list { write(&self, element) }
    self.endArray()
  }

  fileprivate mutating func add(_ key: StaticString, _ texts: [String]) {
    self.add(key, texts) { $0.text($1) }
  }

  /// What every entity has.
  fileprivate mutating func addCommon(_ id: EntityID, _ createdAt: Int, _ updatedAt: Int, _ tags: [String]) {
    self.add("id", id: id)
    self.add("created_at", createdAt)
    self.add("updated_at", updatedAt)
    self.add("tags", tags)
    self.add("ws_id", id: Workspace.defaultID)
  }
}

extension Route {
  package var logged: [UInt8] {
    var json = JSONStream(capacity: 512)
    json.beginObject()
    json.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    json.add("name", self.name)
    json.add("protocols", self.protocols) { $0.text($1.rawValue) }
    json.add("https_redirect_status_code", self.httpsRedirectStatusCode)
    json.add("strip_path", self.stripPath)
    json.add("preserve_host", self.preserveHost)
    json.add("request_buffering", self.requestBuffering)
    json.add("response_buffering", self.responseBuffering)
    json.add("service", reference: self.service)
    json.add("snis", self.snis)
    json.add("methods", self.methods)
    json.add("hosts", self.hosts)
    json.add("paths", self.paths)
    if !self.headers.isEmpty {
      let headers = self.headers.map { ($0.name, JSONValue.array($0.values.map { .string($0) })) }
      json.key("headers")
      json.value(.object(JSONObject(headers)))
    }
    if let expression = self.expression {
      json.add("expression", expression)
      json.add("priority", self.priority)
    } else {
      json.add("regex_priority", self.regexPriority)
      json.add("path_handling", self.pathHandling.rawValue)
    }
    json.endObject()
    return json.finish()
  }
}

extension Service {
  package var logged: [UInt8] {
    var json = JSONStream(capacity: 512)
    json.beginObject()
    json.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    json.add("name", self.name)
    json.add("retries", self.retries)
    json.add("protocol", self.protocol.rawValue)
    json.add("host", self.host)
    json.add("port", self.port)
    json.add("path", self.path)
    json.add("connect_timeout", self.connectTimeoutMilliseconds)
    json.add("write_timeout", self.writeTimeoutMilliseconds)
    json.add("read_timeout", self.readTimeoutMilliseconds)
    json.add("client_certificate", reference: self.clientCertificate)
    json.add("tls_verify", self.tlsVerify)
    json.add("tls_verify_depth", self.tlsVerifyDepth)
    json.add("ca_certificates", self.caCertificates) { $0.id($1) }
    json.add("enabled", self.isEnabled)
    json.endObject()
    return json.finish()
  }
}

extension Consumer {
  package var logged: [UInt8] {
    var json = JSONStream(capacity: 512)
    json.beginObject()
    json.addCommon(self.id, self.createdAt, self.updatedAt, self.tags)
    json.add("username", self.username)
    json.add("custom_id", self.customID)
    json.endObject()
    return json.finish()
  }
}
