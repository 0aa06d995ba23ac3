// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonStore
import Testing

@testable import GibbonStoreCassandra

/// What a commit is in the log, and where rows are.
@Suite struct LogEntryTests {
  private static func entry() -> LogEntry {
    var entry = LogEntry()
    let place = EntityPlace("consumers", "a\u{301}")
    entry.changes = [
      LogEntry.Change(
        place: place, state: LogEntry.State(document: "{\"a\":\"\u{0}🙈\"}", workspace: "w", expiresAt: nil)),
      LogEntry.Change(
        place: EntityPlace("x", ""), state: LogEntry.State(document: "{}", workspace: "", expiresAt: 1.5)),
      LogEntry.Change(place: EntityPlace("gone", "1"), state: nil),
    ]
    let key = UniqueKey(collection: "consumers", field: "username", value: ExactText(""), workspace: "w")
    entry.removed = [.unique(key, id: ExactText("1")), .expiring(-2.25, place)]
    entry.added = [
      .tag(ExactText("t"), place), .child(ChildKey(parent: EntityPlace("p", "q"), child: place, field: "f")),
    ]
    return entry
  }

  @Test func itComesBackAsItWas() {
    let entry = Self.entry()
    #expect(LogEntry(entry.bytes) == entry)
    #expect(LogEntry(LogEntry().bytes) == LogEntry())
  }

  @Test func aPartOfItIsNone() {
    let bytes = Self.entry().bytes
    for count in 0..<bytes.count { #expect(LogEntry(Array(bytes.prefix(count))) == nil) }
    #expect(LogEntry(bytes + [0]) == nil)
  }

  @Test func noBytesCrashIt() {
    let bytes = Self.entry().bytes
    for position in bytes.indices {
      for value: UInt8 in [0, 1, 2, 3, 0x7F, 0x80, 0xFF] {
        var changed = bytes
        changed[position] = value
        _ = LogEntry(changed)
      }
    }
  }

  @Test func partsAreInTheOrderOfIDs() {
    let texts = ["", "\u{0}", "/", "0", "0f", "1", "9", ":", "Z", "`", "a", "az", "f", "g", "~", "ä", "🙈"]
    let shards = texts.map { Shard.of(id: ExactText($0)) }
    #expect(shards == shards.sorted())
    #expect("0123456789abcdef".map { Shard.of(id: ExactText(String($0))) } == Array(0..<16))
  }

  @Test func tagsAreSpread() {
    let shards = Set((0..<1000).map { Shard.of(hash: ExactText("tag-\($0)")) })
    #expect(shards.count == 16 && shards.allSatisfy { Shard.all.contains($0) })
    // The same on every machine, and in every version.
    #expect(Shard.of(hash: ExactText("")) == Int32((2_166_136_261 ^ (2_166_136_261 >> 16)) % 16 as UInt32))
  }
}
