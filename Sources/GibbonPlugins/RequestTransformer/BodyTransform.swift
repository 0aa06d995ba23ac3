// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema

/// Changes to the body of a request: a form, the top level of a JSON object, or the parts of a multipart form.
enum BodyTransform {
  enum Kind: Sendable { case form, json, multipart }

  /// By what the content type has anywhere in it, as in Kong.
  static func kind(of context: RequestContext) -> Kind? {
    guard let type = context.request.header("content-type")?.utf8.map(\.asciiLowercased) else { return nil }
    if type.contains("application/json".utf8) { return .json }
    if type.contains("multipart/form-data".utf8) { return .multipart }
    return type.contains("application/x-www-form-urlencoded".utf8) ? .form : nil
  }

  static func apply(
    _ operations: TransformOperations, to context: RequestContext, _ scope: inout TemplateScope
  ) throws {
    guard let kind = self.kind(of: context) else { return }
    guard let body = context.request.body.map({ $0.span.array }) else {
      context.warn(
        "[request-transformer] the request body did not fit into client_body_buffer_size and is sent unchanged")
      return
    }
    let changed: [UInt8]?
    switch kind {
    case .form: changed = try self.form(body, operations, &scope)
    case .json: changed = try self.json(body, operations, &scope)
    case .multipart:
      changed = try self.multipart(body, type: context.request.header("content-type") ?? "", operations, &scope)
    }
    if let changed { context.serviceRequest.setBody(ByteBuffer(changed)) }
  }

  private static func form(
    _ body: [UInt8], _ operations: TransformOperations, _ scope: inout TemplateScope
  ) throws -> [UInt8]? {
    var arguments = FormArguments(body)
    let rendered = try operations.rendered(in: &scope)
    let isChanged = arguments.apply(rendered)
    return self.mustRewrite(body, rendered, isChanged) ? arguments.encoded() : nil
  }

  /// An empty body counts as an empty object; what is no object stays as it is.
  private static func json(
    _ body: [UInt8], _ operations: TransformOperations, _ scope: inout TemplateScope
  ) throws -> [UInt8]? {
    var object = JSONObject()
    if !body.isEmpty {
      guard case .success(.object(let given)) = JSONParser.parse(body) else { return nil }
      object = given
    }
    let before = object.members
    let rendered = try operations.rendered(in: &scope)
    object.apply(rendered)
    guard self.mustRewrite(body, rendered, object.members != before) else { return nil }
    return JSONValue.object(object).serialized()
  }

  private static func multipart(
    _ body: [UInt8], type: String, _ operations: TransformOperations, _ scope: inout TemplateScope
  ) throws -> [UInt8]? {
    guard let boundary = MultipartForm.boundary(of: type) else { return nil }
    var form = MultipartForm(body, boundary: boundary)
    let rendered = try operations.rendered(in: &scope)
    let isChanged = try form.apply(rendered)
    return self.mustRewrite(body, rendered, isChanged) ? form.encoded() : nil
  }

  /// Also where something was to be removed and was not found: what the service gets is then what was looked at, and
  /// nothing that another reader could take for more.
  private static func mustRewrite(_ body: [UInt8], _ operations: RenderedOperations, _ isChanged: Bool) -> Bool {
    isChanged || (!operations.remove.isEmpty && !body.isEmpty)
  }
}

extension JSONObject {
  fileprivate mutating func apply(_ operations: RenderedOperations) {
    for name in operations.remove { self[name] = nil }
    for pair in operations.rename { if let name = pair.value { self.rename(pair.name, to: name) } }
    for pair in operations.replace where self.has(pair.name) { self[pair.name] = pair.value.map { .string($0) } }
    for pair in operations.add where !self.has(pair.name) { self[pair.name] = pair.value.map { .string($0) } }
    for pair in operations.append { if let value = pair.value { self.append(.string(value), to: pair.name) } }
  }

  /// Whether there is a value that Lua takes for true; false counts as none.
  private func has(_ name: String) -> Bool { self[name].map { $0 != .bool(false) } ?? false }

  private mutating func rename(_ name: String, to newName: String) {
    guard name != newName, self.has(name), let value = self[name] else { return }
    self[name] = nil
    self[newName] = value
  }
}
