// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The structure of PEM texts (RFC 7468): boundaries with matching labels around base64.
public enum PEMText {
  private static let begin = "-----BEGIN "
  private static let end = "-----END "
  private static let dashes = "-----"

  /// The labels of the blocks in order; nil where the text is not well-formed PEM.
  public static func labels(in text: String) -> [String]? {
    var labels: [String] = []
    var open: String?
    var hasContent = false
    for line in text.split(whereSeparator: \.isNewline) {
      let line = line.trimmed
      if let label = Self.label(of: line, after: Self.begin) {
        guard open == nil else { return nil }
        open = label
        hasContent = false
      } else if let label = Self.label(of: line, after: Self.end) {
        guard open == label, hasContent else { return nil }
        labels.append(label)
        open = nil
      } else if open != nil, !line.isEmpty {
        // Headers of encrypted keys have a colon and count as content of their own kind.
        if line.contains(":") { continue }
        guard line.utf8.allSatisfy(Self.isBase64) else { return nil }
        hasContent = true
      }
    }
    return open == nil && !labels.isEmpty ? labels : nil
  }

  /// What is wrong with a text that must hold a block with one of the labels, or nil.
  static func violation(of text: String, labels: [String]) -> String? {
    guard let found = Self.labels(in: text) else { return "not a well-formed PEM text" }
    return found.contains(where: labels.contains)
      ? nil : "expected a PEM block '\(labels[0])', found '\(found.joined(separator: "', '"))'"
  }

  /// The decoded content of the first block.
  public static func firstContent(of text: String) -> [UInt8]? {
    guard Self.labels(in: text) != nil else { return nil }
    var digits: [UInt8] = []
    for line in text.split(whereSeparator: \.isNewline).map(\.trimmed) {
      if line.hasPrefix(Self.begin) || line.contains(":") { continue }
      if line.hasPrefix(Self.end) { break }
      digits.append(contentsOf: line.utf8)
    }
    return Base64.standard.decoded(digits[...])
  }

  private static func label(of line: Substring, after prefix: String) -> String? {
    guard line.hasPrefix(prefix), line.hasSuffix(Self.dashes), line.utf8.count > prefix.utf8.count + 5 else {
      return nil
    }
    return String(line.dropFirst(prefix.count).dropLast(Self.dashes.count))
  }

  private static func isBase64(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
      || byte == UInt8(ascii: "=")
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    var text = self
    while let first = text.first, first.isWhitespace { text.removeFirst() }
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text
  }
}
