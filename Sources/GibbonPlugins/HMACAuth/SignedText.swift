// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The text that a client has signed, made again from the request.
enum SignedText {
  /// Naming a header over and over must not make a text of any length.
  static let maximumBytes = 131_072
  static let maximumNames = 256

  /// One line for each name; nil when that is too much.
  static func make(_ names: [String], _ context: RequestContext) -> [UInt8]? {
    guard names.count <= Self.maximumNames else { return nil }
    var text: [UInt8] = []
    for (index, name) in names.enumerated() {
      if index > 0 { text.append(.lineFeed) }
      Self.append(name, context, to: &text)
      if text.count > Self.maximumBytes { return nil }
    }
    return text
  }

  private static func append(_ name: String, _ context: RequestContext, to text: inout [UInt8]) {
    // A header of a special name comes before what the name stands for.
    if Self.appendHeader(FieldName(name), as: name, context, to: &text) { return }
    // An underscore stands for a dash, as in Kong's view of headers.
    if name.contains("_"),
      Self.appendHeader(FieldName(name.replacing("_", with: "-")), as: name, context, to: &text)
    {
      return
    }
    switch name {
    case "@request-target":
      text += "\(name): \(context.request.method.lowercased()) \(Self.target(of: context))".utf8
    case "request-line":
      let version = context.request.httpVersion == 1.0 ? "1.0" : "1.1"
      text += "\(context.request.method) \(Self.target(of: context)) HTTP/\(version)".utf8
    default:
      text += "\(name):".utf8
    }
  }

  /// The first header of that name.
  private static func appendHeader(
    _ field: FieldName, as name: String, _ context: RequestContext, to text: inout [UInt8]
  ) -> Bool {
    guard let value = context.request.withHeaderBytes(field, { value, _ in value.array }) else { return false }
    text += "\(name): ".utf8
    text += value
    return true
  }

  /// Path and query as received, without the scheme and host that a target may have.
  private static func target(of context: RequestContext) -> String {
    let target = context.request.pathWithQuery
    guard target.utf8.first != UInt8(ascii: "/") else { return target }
    let query = context.request.rawQuery
    return context.request.rawPath + (query.isEmpty ? "" : "?\(query)")
  }
}
