// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// The text that a client has signed, made again from the request.
struct SignedText {
  /// Naming a header over and over must not make a text of any length, nor a search of any.
  static let maximumBytes = 131_072
  static let maximumNames = 64

  private var bytes: [UInt8] = []
  /// A header came more than once: only one of them can be the one that was signed.
  private var isAmbiguous = false

  /// One line for each name; nil when that is too much, or when a header that is named came more than once.
  static func make(_ names: [String], _ context: RequestContext) -> [UInt8]? {
    guard names.count <= Self.maximumNames else { return nil }
    var text = SignedText()
    for (index, name) in names.enumerated() {
      if index > 0 { text.bytes.append(.lineFeed) }
      text.append(name, context)
      if text.isAmbiguous || text.bytes.count > Self.maximumBytes { return nil }
    }
    return text.bytes
  }

  /// What a name stands for comes before a header of that name: a client must not choose what is signed of itself.
  private mutating func append(_ name: String, _ context: RequestContext) {
    if name.isSame(as: "@request-target") {
      self.bytes += "\(name): \(context.request.method.asciiLowercased) \(context.request.pathWithQuery)".utf8
    } else if name.isSame(as: "request-line") {
      let version = context.request.httpVersion == 1.0 ? "1.0" : "1.1"
      self.bytes += "\(context.request.method) \(context.request.pathWithQuery) HTTP/\(version)".utf8
    } else if self.appendHeader(FieldName(name), as: name, context) {
      return
    } else if name.utf8.contains(UInt8(ascii: "_")), self.appendHeader(FieldName(name.dashed), as: name, context) {
      // An underscore stands for a dash, as in Kong's view of headers.
      return
    } else {
      self.bytes += "\(name):".utf8
    }
  }

  private mutating func appendHeader(_ field: FieldName, as name: String, _ context: RequestContext) -> Bool {
    let found = context.request.withHeaderBytes(field) { value, count in (value: value.array, count: count) }
    guard let found else { return false }
    if found.count > 1 { self.isAmbiguous = true }
    self.bytes += "\(name): ".utf8
    self.bytes += found.value
    return true
  }
}
