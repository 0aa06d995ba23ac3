// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema

/// Changes to the body of a request: a form, the top level of a JSON object, or the parts of a multipart form.
enum BodyTransform {
  /// What becomes of the body. A body that is there and cannot be seen is refused, unless the configuration of the
  /// gateway lets it pass.
  static func apply(
    _ operations: TransformOperations, to context: RequestContext, _ scope: inout TemplateScope
  ) throws {
    guard let body = context.request.body else { throw BodyFault.tooLarge }
    let type: [UInt8]
    do {
      type = try RequestBody.contentType(context)
    } catch {
      if body.isEmpty { return }
      throw error
    }
    guard let kind = BodyKind(anywhereIn: type) else {
      if body.isEmpty { return }
      throw BodyFault.otherType
    }
    let bytes = body.span.array
    let changed: [UInt8]?
    switch kind {
    case .form: changed = try self.form(bytes, operations, &scope)
    case .json: changed = try self.json(bytes, operations, &scope)
    case .multipart: changed = try self.multipart(bytes, type: type, operations, &scope)
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

  /// An empty body counts as an empty object.
  private static func json(
    _ body: [UInt8], _ operations: TransformOperations, _ scope: inout TemplateScope
  ) throws -> [UInt8]? {
    var object = JSONObject()
    if !body.isEmpty {
      switch JSONParser.parse(body) {
      case .success(.object(let given)): object = given
      case .success: throw BodyFault.malformed("the JSON is no object")
      case .failure(let error): throw BodyFault.malformed("\(error)")
      }
    }
    let before = object.members
    let rendered = try operations.rendered(in: &scope)
    object.apply(rendered)
    guard self.mustRewrite(body, rendered, object.members != before) else { return nil }
    return JSONValue.object(object).serialized()
  }

  private static func multipart(
    _ body: [UInt8], type: [UInt8], _ operations: TransformOperations, _ scope: inout TemplateScope
  ) throws -> [UInt8]? {
    guard let boundary = MultipartForm.boundary(of: type) else {
      if body.isEmpty { return nil }
      throw BodyFault.malformed("no usable boundary is named")
    }
    var form = MultipartForm(body, boundary: boundary)
    guard form.isDelimited || body.isEmpty else { throw BodyFault.malformed("the boundary is nowhere in it") }
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
    guard !name.isSame(as: newName), self.has(name), let value = self[name] else { return }
    self[name] = nil
    self[newName] = value
  }
}
