// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema

/// The body of a request as plugins see it: its form, and its fields.
struct RequestBody {
  enum Content {
    case form([FormText.Argument])
    /// The members of an object; none for an array or an empty body.
    case json(JSONObject)
    case multipart(MultipartForm)
  }

  /// What stands under a name.
  enum Value: Equatable {
    case none
    case text([UInt8])
    /// More than one, or something with parts of its own.
    case several
    /// Something else: a number, a truth value, a form field without `=`.
    case other
  }

  let content: Content
  let bytes: [UInt8]

  /// - Returns: nil for a request without a body.
  static func read(_ context: RequestContext) throws(BodyFault) -> RequestBody? {
    guard let buffer = context.request.body else { throw .tooLarge }
    if buffer.isEmpty { return nil }
    let bytes = buffer.span.array
    let type = try Self.contentType(context)
    guard let kind = BodyKind(type) else { throw .otherType }
    return RequestBody(content: try Self.content(kind, bytes, type: type), bytes: bytes)
  }

  /// The only content type of a body that is not compressed.
  static func contentType(_ context: RequestContext) throws(BodyFault) -> [UInt8] {
    let codings = context.request.headers("content-encoding").filter { !$0.isSame(ignoringCase: "identity") }
    let types = context.request.headers("content-type")
    guard codings.allSatisfy(\.isEmpty), types.count == 1, let type = types.first else { throw .otherType }
    return Array(type.utf8)
  }

  static func content(_ kind: BodyKind, _ bytes: [UInt8], type: [UInt8]) throws(BodyFault) -> Content {
    switch kind {
    case .form: return .form(FormText.arguments(bytes))
    case .json:
      switch JSONParser.parse(bytes) {
      case .success(.object(let object)): return .json(object)
      case .success(.array): return .json(JSONObject())
      case .success: throw .malformed("the JSON is no object")
      case .failure(let error): throw .malformed("\(error)")
      }
    case .multipart:
      guard let boundary = MultipartForm.boundary(of: type) else { throw .malformed("no usable boundary is named") }
      let form = MultipartForm(bytes, boundary: boundary)
      guard form.isDelimited else { throw .malformed("the boundary is nowhere in it") }
      return .multipart(form)
    }
  }

  func value(of name: String) -> Value {
    switch self.content {
    case .form(let arguments): return Self.value(arguments.filter { $0.isNamed(name) }.map(\.value))
    case .multipart(let form):
      return Self.value(form.parts.filter { $0.name.elementsEqual(name.utf8) }.map(\.value))
    case .json(let object):
      switch object[name] {
      case nil, .null?, .bool(false)?: return .none
      case .string(let text)?: return .text(Array(text.utf8))
      case .array?, .object?: return .several
      default: return .other
      }
    }
  }

  private static func value(_ values: [[UInt8]?]) -> Value {
    guard let first = values.first else { return .none }
    if values.count > 1 { return .several }
    return first.map { .text($0) } ?? .other
  }

  /// The body without the fields of these names; nil where there are none.
  func removing(_ names: [String]) -> [UInt8]? {
    let present = names.filter { self.value(of: $0) != .none }
    guard !present.isEmpty else { return nil }
    switch self.content {
    case .form:
      let parts = self.bytes.split(separator: UInt8(ascii: "&")).filter { part in
        let name = FormText.decoded(part.prefix { $0 != UInt8(ascii: "=") })
        return !present.contains { name.elementsEqual($0.utf8) }
      }
      return Array(parts.joined(separator: [UInt8(ascii: "&")]))
    case .json(var object):
      for name in present { object[name] = nil }
      return JSONValue.object(object).serialized()
    case .multipart(var form):
      for name in present { form.remove(name) }
      return form.encoded()
    }
  }
}

extension BodyFault {
  /// What a client is told whose request cannot go on for it.
  var answer: LocalResponse {
    switch self {
    case .tooLarge: .error(status: 413, "Request body too large")
    case .otherType: .error(status: 415, "Unsupported media type")
    case .malformed: .error(status: 400, "Malformed request body")
    }
  }

  /// What the error log says of it.
  var reason: String {
    switch self {
    case .tooLarge: "it did not fit into client_body_buffer_size"
    case .otherType: "its type is not one that is read (or is said twice, or not at all), or it is compressed"
    case .malformed(let reason): reason
    }
  }
}
