// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The streams of a connection. A slot is a stream's place for as long as it is open, and is used again afterwards.
struct StreamTable: Sendable {
  /// Before the first slot stands a stream that nobody has: whoever asks for a slot that there is not, gets it. One
  /// place to yield, and nothing beside it, keeps a change of a stream from allocating a frame for the coroutine.
  private var streams = [Stream()]
  private var free: [Int32] = []
  private var index = StreamIndex()

  /// Streams whose work has not ended.
  var count: Int { self.streams.count &- 1 &- self.free.count }
  var slots: Range<Int> { 0..<max(0, self.streams.count &- 1) }

  func slot(of id: UInt32) -> Int? { self.index.slot(of: id) }

  /// A stream by its slot: of id 0 when the slot is free or none.
  subscript(slot: Int) -> Stream {
    @inline(__always)
    get { self.streams[self.place(slot)] }
    @inline(__always)
    _modify { yield &self.streams[self.place(slot)] }
  }

  @inline(__always)
  private func place(_ slot: Int) -> Int { slot >= 0 && slot < self.streams.count &- 1 ? slot &+ 1 : 0 }

  func isOpen(_ slot: Int) -> Bool { self[slot].id != 0 }

  mutating func open(_ stream: Stream) -> Int {
    let slot: Int
    if let last = self.free.popLast() {
      slot = Int(last)
      self[slot] = stream
    } else {
      slot = self.streams.count &- 1
      self.streams.append(stream)
    }
    self.index.insert(stream.id, slot: slot)
    return slot
  }

  mutating func close(_ slot: Int) {
    guard self.isOpen(slot) else { return }
    self.index.remove(self[slot].id)
    self[slot] = Stream()
    self.free.append(Int32(truncatingIfNeeded: slot))
  }

  /// Gives memory back while nothing is open.
  mutating func trim() {
    if self.count == 0 { self = StreamTable() }
  }
}
