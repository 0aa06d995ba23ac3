// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Why a text is not JSON, and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  public let message: String
  public let position: SourceMap.Position

  public init(_ message: String, at offset: Int, in bytes: [UInt8]) {
    self.message = message
    var line = 1
    var lineStart = 0
    for index in 0..<Swift.min(offset, bytes.count) where bytes[index] == UInt8(ascii: "\n") {
      line += 1
      lineStart = index + 1
    }
    self.position = SourceMap.Position(line: line, column: Swift.max(0, offset - lineStart) + 1)
  }

  public var description: String {
    "\(self.message) at line \(self.position.line) column \(self.position.column)"
  }
}
