// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a text is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String
  public let position: SourceMap.Position
  /// Whether the text is JSON, but has a member twice.
  public let isDuplicate: Bool

  public init(_ message: String, at offset: Int, in bytes: [UInt8], isDuplicate: Bool = false) {
    self.message = message
    self.isDuplicate = isDuplicate
    var line = 1
    var lineStart = 0
    for index in 0..<Swift.min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    self.position = SourceMap.Position(line: line, column: Swift.max(0, offset - lineStart) + 1)
  }

  /// Characters of a name that messages show.
  private static let shownLength = 60

  /// The message of a name that is given twice, with both lines.
  public static func duplicate(_ name: String, _ first: Int, _ second: Int) -> String {
    let shown = name.utf8.count <= Self.shownLength ? name : name.prefix(Self.shownLength) + "…"
    return "'\(shown)' is given twice, on line \(first) and on line \(second)"
  }

  public var description: String {
    "\(self.message) at line \(self.position.line) column \(self.position.column)"
  }
}
