// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI

/// What a client says of the response that it has already (RFC 9110 section 13.1), judged as nginx does for what Kong
/// repeats.
struct HitConditions {
  /// Of `If-None-Match`.
  private let tags: [String]
  private let date: String?

  /// nil where the client says nothing.
  init?(_ request: RequestView) {
    self.tags = request.headers("If-None-Match")
    self.date = request.header("If-Modified-Since")
    if self.tags.isEmpty, self.date == nil { return nil }
  }

  /// Whether the client has that response. Where it names a date and tags, both must say so.
  func holds(for response: CachedResponse) -> Bool {
    if let date, !Self.isSame(date, response.header("Last-Modified")) { return false }
    return self.tags.isEmpty || Self.names(self.tags, response.header("ETag"))
  }

  private static func isSame(_ date: String, _ other: String?) -> Bool {
    guard let date = HTTPDate(date), let other = other.flatMap({ HTTPDate($0) }) else { return false }
    return date == other
  }

  /// By weak comparison. A tag with a comma in it is not found; the client then gets the response again.
  private static func names(_ lists: [String], _ tag: String?) -> Bool {
    let lists = lists.map { Array($0.utf8) }
    if lists.contains([UInt8(ascii: "*")]) { return true }
    guard let tag = tag.map({ self.strong(Array($0.utf8)[...]) }), tag.count > 1 else { return false }
    return lists.contains { list in
      list.split(separator: UInt8(ascii: ",")).contains { self.strong($0.trimmingBlanks) == tag }
    }
  }

  private static func strong(_ tag: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
    tag.starts(with: "W/".utf8) ? tag.dropFirst(2) : tag
  }
}
