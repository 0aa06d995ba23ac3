// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import Foundation
import Glibc

/// A file of the repository, and what a rule asks of it.
struct SourceFile: Sendable {
  /// From the repository's root: `Sources/GibbonCore/ASCII.swift`.
  let path: String
  let lines: [String]
  /// The same lines without what stands in comments and strings; for Swift and C.
  let code: [String]
  /// Only what stands in comments.
  let comments: [String]
  private let codeText: [UInt8]
  private let commentText: [UInt8]

  init(path: String, text: String) {
    self.path = path
    self.lines = Self.split(Array(text.utf8))
    if Self.isCode(path) {
      let parts = CodeScanner.scan(Array(text.utf8), isSwift: path.hasSuffix(".swift"))
      self.code = Self.split(parts.code)
      self.comments = Self.split(parts.comments)
      self.codeText = parts.code + [0]
      self.commentText = parts.comments + [0]
    } else {
      self.code = []
      self.comments = []
      self.codeText = [0]
      self.commentText = [0]
    }
  }

  /// Whether `text` stands anywhere, in code or in comments: asked first, since most words stand nowhere.
  func mentions(_ text: String, inComments: Bool = false) -> Bool {
    (inComments ? self.commentText : self.codeText).withUnsafeBytes { bytes in
      bytes.bindMemory(to: CChar.self).baseAddress.map { strstr($0, text) != nil } ?? false
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

  var description: String {
    let place = self.line > 0 ? "\(self.path):\(self.line)" : self.path
    return "\(place): \(self.message)"
  }
}
