// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonHTTP1
internal import GibbonPluginAPI

/// The character set that text responses name (nginx's `charset`). As in nginx, a type takes it that is exactly one of
/// these, without parameters.
enum TextCharset {
  static func parameter(_ name: String?) -> [UInt8] { name.map { Array("; charset=\($0)".utf8) } ?? [] }

  /// nginx's default for `charset_types`.
  static func isText(_ type: Span<UInt8>) -> Bool {
    switch type.count {
    case 8: type.equalsIgnoringCase("text/xml")
    case 9: type.equalsIgnoringCase("text/html")
    case 10: type.equalsIgnoringCase("text/plain")
    case 16: type.equalsIgnoringCase("text/vnd.wap.wml")
    case 19: type.equalsIgnoringCase("application/rss+xml")
    case 22: type.equalsIgnoringCase("application/javascript")
    default: false
    }
  }

  /// The value of the parameter `charset`, to the end of the type and without quotes; nil when there is none.
  static func value(in type: Span<UInt8>) -> Range<Int>? {
    let label: StaticString = "charset="
    let count = label.utf8CodeUnitCount
    for mark in type.indices where type[mark] == UInt8(ascii: ";") {
      var start = mark + 1
      while start < type.count, type[start] == .space { start += 1 }
      guard start + count <= type.count, type.extracting(start..<start + count).equalsIgnoringCase(label) else {
        continue
      }
      start += count
      var end = type.count
      if start < end, type[start] == UInt8(ascii: "\"") { start += 1 }
      if start < end, type[end - 1] == UInt8(ascii: "\"") { end -= 1 }
      return start < end ? start..<end : nil
    }
    return nil
  }
}

extension Exchange {
  /// What the `Content-Type` of this response gets at its end; empty for nearly all but text.
  func charset(for type: Span<UInt8>) -> [UInt8] {
    // Old browsers took a redirect's for that of the next page.
    guard TextCharset.isText(type), self.response.status != 301, self.response.status != 302, !self.isBodyEncoded else {
      return []
    }
    return self.worker.charsetParameter
  }

  private var isBodyEncoded: Bool {
    if self.response.source == .service, !self.response.edits.mentions("Content-Encoding".utf8.span) {
      return self.response.head.first(.contentEncoding).map { !$0.value.isEmpty } ?? false
    }
    return self.context.response.header("Content-Encoding")?.isEmpty == false
  }

  /// A plugin's `Content-Type` is completed as well. Where it names no character set and the service did, that one
  /// stays: the bytes are the service's.
  func completeEditedType() {
    guard !self.response.edits.isEmpty, self.response.edits.mentions("Content-Type".utf8.span) else { return }
    let edited = self.response.edits.values("Content-Type")
    guard let value = edited.values.first, edited.values.count == 1 else { return }
    let (bytes, type) = (self.response.bytes, Array(value.utf8))
    var parameter = self.charset(for: type.span)
    if self.response.source == .service, let field = self.response.head.first(.contentType) {
      if edited.keepsOriginal { return }
      let original = bytes[field.value]
      if !type.contains(UInt8(ascii: ";")), let range = TextCharset.value(in: original) {
        parameter = Array("; charset=".utf8) + original.extracting(range).array
      }
    }
    guard !parameter.isEmpty else { return }
    let whole = value + String(decoding: parameter, as: UTF8.self)
    self.editResponseHeaders { $0.set("Content-Type", to: [whole]) }
  }
}
