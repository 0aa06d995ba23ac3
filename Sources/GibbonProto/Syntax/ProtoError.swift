// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is wrong with a `.proto` file, and where.
package struct ProtoError: Error, Sendable, Hashable, CustomStringConvertible {
  package let file: String
  /// From 1; 0 for what concerns the whole file.
  package let line: Int
  package let message: String

  package init(file: String, line: Int, _ message: String) {
    self.file = file
    self.line = line
    self.message = message
  }

  package var description: String {
    self.line > 0 ? "\(self.file):\(self.line): \(self.message)" : "\(self.file): \(self.message)"
  }
}
