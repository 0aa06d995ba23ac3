// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Prefix trees over bytes in one arena. A tree is the number of its root; 0 is no node.
struct TrieForest: Sendable {
  var nodes = PagedArray<TrieNode, 10>()
  private var fans = PagedArray<TrieFan, 10>()

  /// Heads of the lists of unused places, chained through `child` and the first slot.
  private var freeNode: UInt32 = 0
  private var freeFan: UInt32 = 0

  init() {
    _ = self.nodes.append(TrieNode())
    _ = self.fans.append(TrieFan())
  }

  mutating func makeRoot() -> UInt32 { self.makeNode(TrieNode()) }

  private mutating func makeNode(_ node: TrieNode) -> UInt32 {
    guard self.freeNode != 0 else { return self.nodes.append(node) }
    let id = self.freeNode
    self.freeNode = self.nodes[id].child
    self.nodes[id] = node
    return id
  }

  private mutating func freeNode(_ id: UInt32) {
    self.nodes[id] = TrieNode()
    self.nodes[id].child = self.freeNode
    self.freeNode = id
  }

  private mutating func makeFan() -> UInt32 {
    guard self.freeFan != 0 else { return self.fans.append(TrieFan()) }
    let id = self.freeFan
    self.freeFan = self.fans[id].slots[0]
    self.fans[id] = TrieFan()
    return id
  }

  private mutating func freeFan(_ id: UInt32) {
    self.fans[id].slots[0] = self.freeFan
    self.freeFan = id
  }

  /// The child of a node whose label may begin with the byte; 0 for none.
  @inline(__always)
  func child(of node: TrieNode, byte: UInt8) -> UInt32 {
    if node.branching == .single { return node.child }
    if node.branching == .full {
      let lower = self.fans[node.child].slots[Int(byte &>> 4)]
      return lower == 0 ? 0 : self.fans[lower].slots[Int(byte & 15)]
    }
    return node.branching == .narrow(like: byte) ? self.fans[node.child].slots[Int(byte & 15)] : 0
  }

  /// Hangs `child`, whose label begins with the byte, below a node in place of any other there.
  private mutating func attach(_ child: UInt32, to id: UInt32, byte: UInt8) {
    let node = self.nodes[id]
    if node.branching == .single {
      let only = node.child
      if only == 0 || self.nodes[only].label[0] == byte {
        self.nodes[id].child = child
        return
      }
      let first = self.nodes[only].label[0]
      let fan = self.makeFan()
      self.fans[fan].slots[Int(first & 15)] = only
      self.nodes[id].branching = .narrow(like: first)
      self.nodes[id].child = fan
    }
    self.widen(id, for: byte)
    self.place(child, below: id, byte: byte)
  }

  /// Gives a narrow fan an upper level when the byte needs it.
  private mutating func widen(_ id: UInt32, for byte: UInt8) {
    let node = self.nodes[id]
    guard node.branching != .full, node.branching != .narrow(like: byte) else { return }
    let upper = self.makeFan()
    self.fans[upper].slots[Int(node.branching.upperHalf)] = node.child
    self.nodes[id].branching = .full
    self.nodes[id].child = upper
  }

  private mutating func place(_ child: UInt32, below id: UInt32, byte: UInt8) {
    let node = self.nodes[id]
    let fan = node.child
    guard node.branching == .full else {
      self.fans[fan].slots[Int(byte & 15)] = child
      return
    }
    var lower = self.fans[fan].slots[Int(byte >> 4)]
    if lower == 0 {
      lower = self.makeFan()
      self.fans[fan].slots[Int(byte >> 4)] = lower
    }
    self.fans[lower].slots[Int(byte & 15)] = child
  }

  private mutating func detach(byte: UInt8, from id: UInt32) {
    let node = self.nodes[id]
    guard node.branching != .single else {
      self.nodes[id].child = 0
      return
    }
    if node.branching == .full {
      let lower = self.fans[node.child].slots[Int(byte >> 4)]
      self.fans[lower].slots[Int(byte & 15)] = 0
      guard self.fans[lower].isEmpty else { return }
      self.fans[node.child].slots[Int(byte >> 4)] = 0
      self.freeFan(lower)
    } else {
      self.fans[node.child].slots[Int(byte & 15)] = 0
    }
    guard self.fans[node.child].isEmpty else { return }
    self.freeFan(node.child)
    self.nodes[id].branching = .single
    self.nodes[id].child = 0
  }
}

// MARK: - Finding

extension TrieForest {
  /// How many bytes of the node's label the text has at an offset, and whether that is all of it.
  @inline(__always)
  func follows(_ node: TrieNode, _ text: Span<UInt8>, at offset: Int) -> Bool {
    let count = Int(node.labelCount)
    guard text.count &- offset >= count else { return false }
    for index in 0..<count where node.label[index] != text[offset &+ index] { return false }
    return true
  }

  /// The node where exactly this key ends; 0 for none.
  func find(_ key: Span<UInt8>, in root: UInt32, lowercased: Bool = false) -> UInt32 {
    var id = root
    var position = 0
    while position < key.count {
      let byte = lowercased ? key[position].asciiLowercased : key[position]
      let next = self.child(of: self.nodes[id], byte: byte)
      guard next != 0 else { return 0 }
      let node = self.nodes[next]
      let count = Int(node.labelCount)
      guard key.count &- position >= count else { return 0 }
      for index in 0..<count {
        let byte = key[position &+ index]
        guard node.label[index] == (lowercased ? byte.asciiLowercased : byte) else { return 0 }
      }
      position &+= count
      id = next
    }
    return id
  }
}

// MARK: - Changing

extension TrieForest {
  /// The node where the key ends, made where it is missing.
  mutating func insert(_ key: [UInt8], from start: UInt32) -> UInt32 {
    var id = start
    var position = 0
    while position < key.count {
      let byte = key[position]
      let next = self.child(of: self.nodes[id], byte: byte)
      guard next != 0, self.nodes[next].label[0] == byte else {
        return self.extend(id, with: key[position...])
      }
      let node = self.nodes[next]
      let limit = min(Int(node.labelCount), key.count - position)
      var common = 1
      while common < limit, node.label[common] == key[position + common] { common += 1 }
      position += common
      id = common == Int(node.labelCount) ? next : self.split(next, below: id, at: common)
    }
    return id
  }

  /// Appends nodes for all of the bytes.
  private mutating func extend(_ id: UInt32, with bytes: ArraySlice<UInt8>) -> UInt32 {
    var id = id
    var rest = bytes
    while let first = rest.first {
      var node = TrieNode()
      let part = rest.prefix(TrieNode.labelCapacity)
      for (index, byte) in part.enumerated() { node.label[index] = byte }
      node.labelCount = UInt8(part.count)
      let next = self.makeNode(node)
      self.attach(next, to: id, byte: first)
      id = next
      rest = rest.dropFirst(part.count)
    }
    return id
  }

  /// Puts a new node for the first `count` bytes of a child's label between it and its parent.
  private mutating func split(_ child: UInt32, below parent: UInt32, at count: Int) -> UInt32 {
    let node = self.nodes[child]
    var upper = TrieNode()
    var lower = node
    for index in 0..<count { upper.label[index] = node.label[index] }
    upper.labelCount = UInt8(count)
    upper.child = child
    let rest = Int(node.labelCount) - count
    for index in 0..<rest { lower.label[index] = node.label[count + index] }
    lower.labelCount = UInt8(rest)
    let id = self.makeNode(upper)
    // While the child still has its first byte, by which its parent knows it.
    self.attach(id, to: parent, byte: upper.label[0])
    self.nodes[child] = lower
    return id
  }

  /// The node behind "the rest of the segment", made where it is missing.
  mutating func insertRest(after id: UInt32) -> UInt32 {
    if self.nodes[id].rest != 0 { return self.nodes[id].rest }
    let root = self.makeRoot()
    self.nodes[id].rest = root
    return root
  }

  /// Frees the nodes at the end of a path that lead to nothing any more. The root stays.
  mutating func prune(_ path: [PathSkeleton.Item], from root: UInt32) {
    var steps: [(parent: UInt32, node: UInt32)] = []
    var id = root
    for item in path {
      switch item {
      case .segmentRest:
        guard self.nodes[id].rest != 0 else { break }
        steps.append((id, self.nodes[id].rest))
        id = self.nodes[id].rest
      case .literal(let bytes):
        var position = 0
        while position < bytes.count {
          let next = self.child(of: self.nodes[id], byte: bytes[position])
          guard next != 0, self.follows(self.nodes[next], bytes.span, at: position) else { break }
          position += Int(self.nodes[next].labelCount)
          steps.append((id, next))
          id = next
        }
      }
    }
    for step in steps.reversed() {
      let node = self.nodes[step.node]
      guard node.isBarren else { return }
      if node.labelCount == 0 {
        self.nodes[step.parent].rest = 0
      } else {
        self.detach(byte: node.label[0], from: step.parent)
      }
      self.freeNode(step.node)
    }
  }

  /// Whether a root leads nowhere.
  func isEmpty(_ root: UInt32) -> Bool { self.nodes[root].isBarren }

  /// Gives up a root that leads nowhere.
  mutating func removeRoot(_ root: UInt32) { self.freeNode(root) }
}
