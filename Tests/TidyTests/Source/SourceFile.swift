// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation

/// A file of the repository, and what a rule asks of it.
struct SourceFile: Sendable {
  /// From the repository's root: `Sources/GibbonCore/ASCII.swift`.
  let path: String
  let lines: [String]
  /// The same lines without what stands in comments and strings; for Swift and C.
  let code: [String]
  /// Only what stands in comments.
  let comments: [String]

  init(path: String, text: String) {
    self.path = path
    self.lines = Self.split(Array(text.utf8))
    if Self.isCode(path) {
      let parts = CodeScanner.scan(Array(text.utf8), isSwift: path.hasSuffix(".swift"))
      self.code = Self.split(parts.code)
      self.comments = Self.split(parts.comments)
    } else {
      self.code = []
      self.comments = []
    }
  }

  static func isCode(_ path: String) -> Bool { [".swift", ".c", ".h"].contains { path.hasSuffix($0) } }

  /// `Sources`, `Tests`…
  var root: Substring { self.path.split(separator: "/").first ?? "" }
  /// The target: `GibbonCore`.
  var target: Substring { self.path.split(separator: "/").dropFirst().first ?? "" }
  var isSwift: Bool { self.path.hasSuffix(".swift") }

  private static func split(_ bytes: [UInt8]) -> [String] {
    var lines = bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    if lines.last?.isEmpty == true { lines.removeLast() }
    return lines.map { String(decoding: $0, as: UTF8.self) }
  }
}

/// Something that is against a rule.
struct Violation: CustomStringConvertible, Hashable {
  let path: String
  /// From 1; 0 for the file as a whole.
  let line: Int
  let message: String

  init(_ file: SourceFile, line: Int = 0, _ message: String) {
    self.init(path: file.path, line: line, message)
  }

  init(path: String, line: Int = 0, _ message: String) {
    self.path = path
    self.line = line
    self.message = message
  }

  var description: String { self.line > 0 ? "\(self.path):\(self.line): \(self.message)" : "\(self.path): \(self.message)" }
}
