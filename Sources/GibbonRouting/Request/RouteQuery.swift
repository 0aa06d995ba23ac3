// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Reading a query for the router.
public enum RouteQuery {
  /// Calls `visit` with the decoded value of each argument of that name, until it answers false. Read in one go;
  /// something is copied only where it has to be decoded.
  public static func visit(_ query: Span<UInt8>, name: String, _ visit: (Span<UInt8>) -> Bool) {
    let wanted = name.utf8.span
    var start = 0
    while start < query.count {
      var end = start
      var equals: Int?
      while end < query.count, query[end] != UInt8(ascii: "&") {
        if equals == nil, query[end] == UInt8(ascii: "=") { equals = end }
        end &+= 1
      }
      if end > start, Self.isSame(query.extracting(start..<(equals ?? end)), wanted) {
        let value = query.extracting((equals.map { $0 &+ 1 } ?? end)..<end)
        if Self.isEncoded(value) {
          let decoded = FormText.decoded(value.array[...])
          guard visit(decoded.span) else { return }
        } else {
          guard visit(value) else { return }
        }
      }
      start = end &+ 1
    }
  }

  private static func isSame(_ name: Span<UInt8>, _ wanted: Span<UInt8>) -> Bool {
    guard Self.isEncoded(name) else { return name.equals(wanted) }
    let decoded = FormText.decoded(name.array[...])
    return decoded.span.equals(wanted)
  }

  private static func isEncoded(_ text: Span<UInt8>) -> Bool {
    for index in text.indices where text[index] == UInt8(ascii: "%") || text[index] == UInt8(ascii: "+") { return true }
    return false
  }
}
