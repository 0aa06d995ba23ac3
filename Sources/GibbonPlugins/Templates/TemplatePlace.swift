// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Where the text that a template makes is going to stand. What comes out of the request is encoded for it, so that a
/// client cannot write what the configuration has not: another segment of a path, an argument of a query.
enum TemplatePlace: Sendable {
  /// As it is; what writes headers, queries and bodies encodes for itself.
  case text
  /// The path and query of a target.
  case target

  /// - Parameter isFirst: whether nothing stands before it: it is then a path, which may have segments.
  func encoded(_ value: String, isFirst: Bool) -> String {
    guard case .target = self else { return value }
    var output: [UInt8] = []
    output.reserveCapacity(value.utf8.count)
    for byte in value.utf8 {
      let stays = byte.isASCIILetter || byte.isASCIIDigit || "-._~".utf8.contains(byte)
      if stays || (isFirst && byte == UInt8(ascii: "/")) { output.append(byte) } else { output += byte.percentEscape }
    }
    return String(decoding: output, as: UTF8.self)
  }
}

/// Targets as services take them apart.
enum TargetPath {
  /// Whether a segment of the path is `.` or `..`, however its dots and slashes are written: a service would leave the
  /// folder that the configuration names.
  static func climbs(_ target: String) -> Bool {
    let path = FormText.unescaped(target.utf8.prefix { $0 != UInt8(ascii: "?") })
    return path.split { $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\") }.contains { segment in
      // A parameter of the segment is cut off by some services.
      let name = segment.prefix { $0 != UInt8(ascii: ";") }
      return name.elementsEqual(".".utf8) || name.elementsEqual("..".utf8)
    }
  }
}
