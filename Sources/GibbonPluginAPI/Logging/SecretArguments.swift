// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

package import GibbonCore

/// Arguments of the query that are credentials: logs name them and do not show their values.
package struct SecretArguments: Sendable {
  package static let none = SecretArguments([])
  private static let replacement: StaticString = "REDACTED"

  private let names: [[UInt8]]

  package init(_ names: some Sequence<String>) { self.names = Set(names).sorted().map { Array($0.utf8) } }

  package var isEmpty: Bool { self.names.isEmpty }

  func contains(_ name: [UInt8]) -> Bool { self.names.contains(name) }

  /// Appends a target or a URL with the value of each such argument replaced.
  package func append(_ target: Span<UInt8>, to output: inout ByteBuffer) {
    var index = 0
    while index < target.count, target[index] != UInt8(ascii: "?") { index += 1 }
    let start = min(index + 1, target.count)
    output.append(target.extracting(0..<start))
    index = start
    while index < target.count {
      var end = index
      while end < target.count, target[end] != UInt8(ascii: "&") { end += 1 }
      self.append(argument: target.extracting(index..<end), to: &output)
      if end < target.count { output.append(UInt8(ascii: "&")) }
      index = end + 1
    }
  }

  private func append(argument: Span<UInt8>, to output: inout ByteBuffer) {
    var mark = 0
    while mark < argument.count, argument[mark] != UInt8(ascii: "=") { mark += 1 }
    guard mark < argument.count, self.contains(FormText.decoded(argument.extracting(0..<mark).array[...])) else {
      return output.append(argument)
    }
    output.append(argument.extracting(0...mark))
    output.append(Self.replacement)
  }
}

extension RequestContext {
  /// What the client asked for, as logs may show it.
  package var loggedTarget: String {
    let target = self.request.pathWithQuery
    guard !self.backend.secretArguments.isEmpty else { return target }
    var output = ByteBuffer()
    self.backend.secretArguments.append(target.utf8.span, to: &output)
    return output.string
  }
}
