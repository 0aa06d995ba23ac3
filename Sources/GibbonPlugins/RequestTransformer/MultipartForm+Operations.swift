// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

extension MultipartForm {
  /// Renames come before removals here, and nothing is appended, as in Kong.
  ///
  /// - Returns: whether anything has changed.
  mutating func apply(_ operations: RenderedOperations) throws -> Bool {
    let before = self.parts
    for pair in operations.rename { if let name = pair.value { try self.rename(pair.name, to: name) } }
    for name in operations.remove { self.remove(name) }
    for pair in operations.replace where self.first(pair.name) != nil {
      self.remove(pair.name)
      if let value = pair.value { try self.set(pair.name, Array(value.utf8)) }
    }
    for pair in operations.add where self.first(pair.name) == nil {
      if let value = pair.value { try self.set(pair.name, Array(value.utf8)) }
    }
    return self.parts != before
  }
}
