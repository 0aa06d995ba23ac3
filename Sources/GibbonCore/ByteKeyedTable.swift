// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Values by byte-string keys, looked up with bytes that are not owned: no `String` is made to ask.
///
/// Hashed with the process's random seed, so keys that collide cannot be prepared from outside.
public struct ByteKeyedTable<Value: Sendable>: Sendable {
  @usableFromInline
  struct Entry: Sendable {
    @usableFromInline let key: [UInt8]
    @usableFromInline var value: Value
    /// The next entry with the same hash, or -1.
    @usableFromInline let next: Int32
  }

  // Inlined where it is read: unspecialised, a look-up takes three times as long.
  @usableFromInline var entries: [Entry] = []
  @usableFromInline var heads: [Int: Int32] = [:]

  public init() {}

  public init(minimumCapacity: Int) {
    self.entries.reserveCapacity(minimumCapacity)
    self.heads.reserveCapacity(minimumCapacity)
  }

  public var count: Int { self.entries.count }

  /// Adds a value, or replaces the one under the same key.
  public mutating func set(_ value: Value, for key: [UInt8]) {
    let hash = key.span.seededHash
    if let index = self.index(of: key.span, hash: hash) {
      self.entries[index].value = value
      return
    }
    let index = Int32(truncatingIfNeeded: self.entries.count)
    self.entries.append(Entry(key: key, value: value, next: self.heads[hash] ?? -1))
    self.heads[hash] = index
  }

  @inlinable
  public func value(for key: Span<UInt8>) -> Value? {
    guard let index = self.index(of: key, hash: key.seededHash) else { return nil }
    return self.entries[index].value
  }

  @inlinable
  func index(of key: Span<UInt8>, hash: Int) -> Int? {
    var index = Int(self.heads[hash] ?? -1)
    while index >= 0 {
      let known = self.entries[index].key
      if known.span.equals(key) { return index }
      index = Int(self.entries[index].next)
    }
    return nil
  }
}

extension Span<UInt8> {
  /// A hash with the process's random seed: colliding keys cannot be prepared from outside.
  public var seededHash: Int {
    var hasher = Hasher()
    // Safety: the pointer is used inside the closure that lends it.
    unsafe self.withUnsafeBufferPointer { unsafe hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    return hasher.finalize()
  }
}
