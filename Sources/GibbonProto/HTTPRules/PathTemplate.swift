// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The template of a path, as `google.api.http` has it: `/v1/{name=shelves/*}/books/{book}:cancel`.
package struct PathTemplate: Sendable, Hashable {
  enum Segment: Sendable, Hashable {
    case literal([UInt8])
    /// `*`: one segment.
    case one
    /// `**`: all that is left, also nothing; the last segment only.
    case rest
  }

  struct Variable: Sendable, Hashable {
    /// `a.b` as its names.
    let fields: [String]
    /// Of `segments`.
    let range: Range<Int>
  }

  private(set) var segments: [Segment] = []
  private(set) var variables: [Variable] = []
  private(set) var verb: [UInt8]?

  /// - Returns: the values of the variables in their order; nil for a path that does not match.
  func match(_ path: [UInt8]) -> [String]? {
    guard path.first == UInt8(ascii: "/") else { return nil }
    var parts = path.dropFirst().split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
    if let verb {
      guard let last = parts.popLast(), last.count > verb.count + 1, last.suffix(verb.count).elementsEqual(verb),
        last.dropLast(verb.count).last == UInt8(ascii: ":")
      else { return nil }
      parts.append(last.dropLast(verb.count + 1))
    }
    let takesRest = self.segments.last == .rest
    guard takesRest ? parts.count >= self.segments.count - 1 : parts.count == self.segments.count else { return nil }
    for (segment, part) in zip(self.segments, parts) {
      switch segment {
      case .literal(let text): if !FormText.unescaped(part).elementsEqual(text) { return nil }
      case .one: if part.isEmpty { return nil }
      case .rest: break
      }
    }
    return self.values(parts, takesRest: takesRest)
  }

  private func values(_ parts: [ArraySlice<UInt8>], takesRest: Bool) -> [String]? {
    var values: [String] = []
    for variable in self.variables {
      let reachesEnd = takesRest && variable.range.upperBound == self.segments.count
      let own = parts[variable.range.lowerBound..<(reachesEnd ? parts.count : variable.range.upperBound)]
      let isSingle = variable.range.count == 1 && !reachesEnd
      let text = own.map { isSingle ? FormText.unescaped($0) : Self.unescapedButSlashes($0) }
      guard let value = String(validating: text.joined(separator: [UInt8(ascii: "/")]), as: UTF8.self) else {
        return nil
      }
      values.append(value)
    }
    return values
  }

  /// An escaped slash inside of several segments must not look like one between them.
  private static func unescapedButSlashes(_ part: ArraySlice<UInt8>) -> [UInt8] {
    FormText.unescaped(part).flatMap { $0 == UInt8(ascii: "/") ? Array("%2F".utf8) : [$0] }
  }
}

// MARK: Reading

extension PathTemplate {
  /// - Throws: what was expected.
  init(_ text: String) throws(TranscodingError) {
    var rest = text.utf8[...]
    guard rest.popFirst() == UInt8(ascii: "/") else { throw TranscodingError("expected a path that begins with '/'") }
    repeat { try self.readSegment(&rest, inVariable: false) } while Self.skip(UInt8(ascii: "/"), &rest)
    if Self.skip(UInt8(ascii: ":"), &rest) {
      let verb = Array(rest)
      guard !verb.isEmpty, !verb.contains(UInt8(ascii: "/")) else {
        throw TranscodingError("expected a verb after ':'")
      }
      self.verb = verb
      rest = rest[rest.endIndex...]
    }
    guard rest.isEmpty else { throw TranscodingError("expected '/', ':' or the end of the path") }
    if self.segments.dropLast().contains(.rest) { throw TranscodingError("expected '**' at the end only") }
  }

  private static func skip(_ byte: UInt8, _ rest: inout Substring.UTF8View) -> Bool {
    guard rest.first == byte else { return false }
    rest.removeFirst()
    return true
  }

  private mutating func readSegment(
    _ rest: inout Substring.UTF8View, inVariable: Bool
  ) throws(TranscodingError) {
    if Self.skip(UInt8(ascii: "*"), &rest) {
      return self.segments.append(Self.skip(UInt8(ascii: "*"), &rest) ? .rest : .one)
    }
    if Self.skip(UInt8(ascii: "{"), &rest) {
      guard !inVariable else { throw TranscodingError("expected no variable inside of a variable") }
      return try self.readVariable(&rest)
    }
    let literal = Array(rest.prefix { !"/{}*:=".utf8.contains($0) })
    guard !literal.isEmpty else { throw TranscodingError("expected a name, '*', '**' or '{' after '/'") }
    rest = rest.dropFirst(literal.count)
    self.segments.append(.literal(FormText.unescaped(literal)))
  }

  private mutating func readVariable(_ rest: inout Substring.UTF8View) throws(TranscodingError) {
    let name = Array(rest.prefix { !"=}".utf8.contains($0) })
    rest = rest.dropFirst(name.count)
    let fields = name.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard fields.allSatisfy({ !$0.isEmpty && $0.allSatisfy(Self.isNameByte) }) else {
      throw TranscodingError("expected the name of a field after '{'")
    }
    let start = self.segments.count
    if Self.skip(UInt8(ascii: "="), &rest) {
      repeat { try self.readSegment(&rest, inVariable: true) } while Self.skip(UInt8(ascii: "/"), &rest)
    } else {
      self.segments.append(.one)
    }
    guard Self.skip(UInt8(ascii: "}"), &rest) else { throw TranscodingError("expected '}' at the end of a variable") }
    self.variables.append(
      Variable(fields: fields.map { String(decoding: $0, as: UTF8.self) }, range: start..<self.segments.count))
  }

  private static func isNameByte(_ byte: UInt8) -> Bool {
    byte.isASCIILetter || byte.isASCIIDigit || byte == UInt8(ascii: "_")
  }
}
