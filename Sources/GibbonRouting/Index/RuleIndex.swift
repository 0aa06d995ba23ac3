// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// All rules by host, then by the beginning of the path, then, in crowded places, by header, server
/// name and method. A value: a copy shares everything with its original until one changes, and a
/// change costs what its own route costs, whatever the number of others.
struct RuleIndex: Sendable {
  var forest = TrieForest()
  var heads = PagedArray<RuleHead, 10>()
  var ranks = PagedArray<RuleRank, 10>()
  var rules = PagedArray<Rule?, 7>()
  var cells = PagedArray<RuleCell, 7>()

  /// Tries from host names to roots of path tries; suffixes are kept backwards.
  let exactHosts: UInt32
  let hostPrefixes: UInt32
  let hostSuffixes: UInt32

  /// The path trie of rules that take any host.
  let anyHost: UInt32

  /// A trie from the bytes of a route's id to its first rule + 1.
  private let ids: UInt32

  /// The next rule of the same route + 1, per rule; for an unused place the next unused one.
  private var siblings = PagedArray<UInt32, 10>()
  private var freeRule: UInt32 = 0
  private var freeCell: UInt32 = 0

  private(set) var ruleCount = 0
  private(set) var routeCount = 0
  private(set) var streamRuleCount = 0
  private(set) var sniRuleCount = 0
  private(set) var prefixHostCount = 0
  private(set) var suffixHostCount = 0

  init() {
    self.exactHosts = self.forest.makeRoot()
    self.hostPrefixes = self.forest.makeRoot()
    self.hostSuffixes = self.forest.makeRoot()
    self.anyHost = self.forest.makeRoot()
    self.ids = self.forest.makeRoot()
    _ = self.cells.append(RuleCell())
  }

  // MARK: Routes

  /// Adds the rules of one route; a route of the same id is replaced.
  mutating func insert(_ rules: [Rule], id: EntityID) {
    self.remove(id)
    guard !rules.isEmpty else { return }
    var next: UInt32 = 0
    for rule in rules.reversed() { next = self.insert(rule, next: next) + 1 }
    let node = self.forest.insert(id.bytes, from: self.ids)
    self.forest.nodes[node].value = next
    self.routeCount += 1
  }

  /// Removes the route with that id, if there is one.
  mutating func remove(_ id: EntityID) {
    let key = id.bytes
    let node = self.forest.find(key.span, in: self.ids)
    guard node != 0 else { return }
    var next = self.forest.nodes[node].value
    guard next != 0 else { return }
    while next != 0 {
      let rule = next - 1
      next = self.siblings[rule]
      self.removeRule(rule)
    }
    self.forest.nodes[node].value = 0
    self.forest.prune([.literal(key)], from: self.ids)
    self.routeCount -= 1
  }

  private mutating func insert(_ rule: Rule, next: UInt32) -> UInt32 {
    let number: UInt32
    if self.freeRule != 0 {
      number = self.freeRule - 1
      self.freeRule = self.siblings[number]
      self.heads[number] = RuleHead(rule)
      self.ranks[number] = rule.rank
      self.rules[number] = rule
      self.siblings[number] = next
    } else {
      number = self.heads.append(RuleHead(rule))
      _ = self.ranks.append(rule.rank)
      _ = self.rules.append(rule)
      _ = self.siblings.append(next)
    }
    let anchors = rule.parts.placement.anchors
    self.count(rule, anchors, by: 1)
    for anchor in anchors { self.insert(number, at: anchor) }
    return number
  }

  private mutating func removeRule(_ number: UInt32) {
    guard let rule = self.rules[number] else { return }
    let anchors = rule.parts.placement.anchors
    self.count(rule, anchors, by: -1)
    for anchor in anchors { self.remove(number, at: anchor) }
    self.rules[number] = nil
    self.siblings[number] = self.freeRule
    self.freeRule = number + 1
  }

  private mutating func count(_ rule: Rule, _ anchors: [RuleAnchor], by step: Int) {
    self.ruleCount += step
    if rule.parts.route.isStream { self.streamRuleCount += step }
    if !rule.parts.snis.isEmpty { self.sniRuleCount += step }
    for anchor in anchors {
      switch anchor.host?.kind {
      case .prefix: self.prefixHostCount += step
      case .suffix: self.suffixHostCount += step
      case .exact, nil: break
      }
    }
  }

  // MARK: Places

  private func hostTrie(_ host: TextPattern) -> (root: UInt32, key: [UInt8]) {
    switch host.kind {
    case .exact: (self.exactHosts, host.bytes)
    case .prefix: (self.hostPrefixes, host.bytes)
    case .suffix: (self.hostSuffixes, host.bytes.reversed())
    }
  }

  private mutating func insert(_ rule: UInt32, at anchor: RuleAnchor) {
    var root = self.anyHost
    if let host = anchor.host {
      let trie = self.hostTrie(host)
      let node = self.forest.insert(trie.key, from: trie.root)
      root = self.forest.nodes[node].value
      if root == 0 {
        root = self.forest.makeRoot()
        self.forest.nodes[node].value = root
      }
    }
    var node = root
    for item in anchor.path.items {
      switch item {
      case .literal(let bytes): node = self.forest.insert(bytes, from: node)
      case .segmentRest: node = self.forest.insertRest(after: node)
      }
    }
    let place = RulePlace(raw: self.forest.nodes[node].value)
    self.forest.nodes[node].value = self.insert(rule, in: place, level: 0).raw
  }

  private mutating func remove(_ rule: UInt32, at anchor: RuleAnchor) {
    guard let host = anchor.host else {
      self.remove(rule, at: anchor.path, from: self.anyHost)
      return
    }
    let trie = self.hostTrie(host)
    let node = self.forest.find(trie.key.span, in: trie.root)
    guard node != 0 else { return }
    let root = self.forest.nodes[node].value
    guard root != 0 else { return }
    self.remove(rule, at: anchor.path, from: root)
    guard self.forest.isEmpty(root) else { return }
    self.forest.removeRoot(root)
    self.forest.nodes[node].value = 0
    self.forest.prune([.literal(trie.key)], from: trie.root)
  }

  private mutating func remove(_ rule: UInt32, at path: PathSkeleton, from root: UInt32) {
    var node = root
    for item in path.items {
      switch item {
      case .literal(let bytes): node = self.forest.find(bytes.span, in: node)
      case .segmentRest: node = self.forest.nodes[node].rest
      }
      guard node != 0 else { return }
    }
    let place = RulePlace(raw: self.forest.nodes[node].value)
    self.forest.nodes[node].value = self.remove(rule, from: place).raw
    self.forest.prune(path.items, from: root)
  }

  // MARK: Cells

  mutating func makeCell(_ cell: RuleCell) -> UInt32 {
    guard self.freeCell != 0 else { return self.cells.append(cell) }
    let number = self.freeCell
    self.freeCell = self.cells[number].nextFree
    self.cells[number] = cell
    return number
  }

  mutating func freeCell(_ number: UInt32) {
    self.cells[number] = RuleCell()
    self.cells[number].nextFree = self.freeCell
    self.freeCell = number
  }
}
