// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// The members of a JSON object in the order they were given.
///
/// A flat array, searched from the front; from `indexedCount` members on, a dictionary finds them. Keys are told apart
/// by their bytes, as others who read the same text do it. Two objects are equal when they have equal members, in any
/// order.
public struct JSONObject: Sendable {
  public struct Member: Sendable, Hashable {
    public let key: String
    public var value: JSONValue

    @inlinable
    public init(_ key: String, _ value: JSONValue) {
      self.key = key
      self.value = value
    }
  }

  /// From this many members on, keys are found through a dictionary.
  static let indexedCount = 24

  public private(set) var members: [Member]
  private var positions: [ExactKey: Int]?

  /// A key as its bytes: to `String`, a letter with an accent is the letter and the accent.
  private struct ExactKey: Hashable {
    let text: String

    static func == (left: ExactKey, right: ExactKey) -> Bool { left.text.isSame(as: right.text) }

    // Texts of the same bytes have the same hash; the few others that share it are told apart above.
    func hash(into hasher: inout Hasher) { hasher.combine(self.text) }
  }

  public init() {
    self.members = []
    self.positions = nil
  }

  /// From pairs; of equal keys the last one counts and keeps the first one's place.
  public init(_ pairs: [(String, JSONValue)]) {
    self.init()
    self.members.reserveCapacity(pairs.count)
    for (key, value) in pairs { self[key] = value }
  }

  /// From members that the caller knows to have distinct keys.
  public init(distinct members: [Member]) {
    self.members = members
    self.positions = nil
    self.indexIfLarge()
  }

  public var count: Int { self.members.count }
  public var isEmpty: Bool { self.members.isEmpty }

  public mutating func reserveCapacity(_ count: Int) {
    self.members.reserveCapacity(count)
  }

  /// Where the key's member stands.
  public func position(of key: String) -> Int? {
    if let positions = self.positions { return positions[ExactKey(text: key)] }
    // Comparing texts of different length costs a call; knowing that they are does not.
    let count = key.utf8.count
    return self.members.firstIndex { $0.key.utf8.count == count && $0.key == key && $0.key.isSame(as: key) }
  }

  /// The value of a key; setting nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get {
      guard let position = self.position(of: key) else { return nil }
      return self.members[position].value
    }
    set {
      switch (self.position(of: key), newValue) {
      case (let position?, let value?):
        self.members[position].value = value
      case (nil, let value?):
        self.positions?[ExactKey(text: key)] = self.members.count
        self.members.append(Member(key, value))
        if self.positions == nil { self.indexIfLarge() }
      case (let position?, nil):
        self.members.remove(at: position)
        self.positions = nil
        self.indexIfLarge()
      case (nil, nil):
        break
      }
    }
  }

  /// Sets the value of a dotted path, making the objects on the way.
  public mutating func set(_ value: JSONValue, at path: some Collection<String>) {
    guard let first = path.first else { return }
    let rest = path.dropFirst()
    if rest.isEmpty {
      self[first] = value
      return
    }
    var child = self[first]?.objectValue ?? JSONObject()
    child.set(value, at: rest)
    self[first] = .object(child)
  }

  private mutating func indexIfLarge() {
    guard self.members.count >= Self.indexedCount else { return }
    var positions: [ExactKey: Int] = [:]
    positions.reserveCapacity(self.members.count)
    for (position, member) in self.members.enumerated() { positions[ExactKey(text: member.key)] = position }
    self.positions = positions
  }
}

extension JSONObject: Hashable {
  public static func == (left: JSONObject, right: JSONObject) -> Bool {
    left.count == right.count && left.members.allSatisfy { right[$0.key] == $0.value }
  }

  public func hash(into hasher: inout Hasher) {
    // Independent of the members' order.
    hasher.combine(self.members.reduce(0) { $0 ^ $1.hashValue })
  }
}

extension JSONObject: Sequence {
  public func makeIterator() -> IndexingIterator<[Member]> { self.members.makeIterator() }
}

extension JSONObject: ExpressibleByDictionaryLiteral {
  public init(dictionaryLiteral elements: (String, JSONValue)...) { self.init(elements) }
}
