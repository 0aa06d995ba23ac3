// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonSchema

/// Top-level fields of a form or JSON body, for credentials that travel there.
enum BodyFields {
  static func values(_ name: String, in context: RequestContext) -> [String] {
    guard let body = context.request.body else { return [] }
    switch kind(of: context) {
    case .form: return QueryString.pairs(body.string).filter { $0.name == name }.map(\.value)
    case .json:
      guard let value = parse(body)?[name] else { return [] }
      if let text = value.stringValue { return [text] }
      return value.arrayValue?.compactMap(\.stringValue) ?? []
    case .other: return []
    }
  }

  static func remove(_ name: String, from context: RequestContext) {
    guard let body = context.request.body, !values(name, in: context).isEmpty else { return }
    switch kind(of: context) {
    case .form:
      let kept = body.string.split(separator: "&").filter { part in
        QueryString.pairs(part).first?.name != name
      }
      context.serviceRequest.setBody(ByteBuffer(kept.joined(separator: "&")))
    case .json:
      guard case .object(var object)? = parse(body) else { return }
      object[name] = nil
      context.serviceRequest.setBody(ByteBuffer(JSONValue.object(object).serialized()))
    case .other: break
    }
  }

  private enum Kind { case form, json, other }

  private static func kind(of context: RequestContext) -> Kind {
    let type = context.request.header("content-type")?.lowercased() ?? ""
    if type.hasPrefix("application/x-www-form-urlencoded") { return .form }
    return type.hasPrefix("application/json") ? .json : .other
  }

  private static func parse(_ body: ByteBuffer) -> JSONValue? { try? JSONParser.parse(body.span.array).get() }
}
