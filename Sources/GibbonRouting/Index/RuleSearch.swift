// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonRegex

/// The state of one match: the best rule so far and the parts of the request that are asked for late.
struct RuleSearch {
  let details: any RouteRequestDetails
  let scratch: RouterScratch
  /// The best rule so far: of those that match, or may match.
  var winner: RulePlace = .empty

  /// Whether it is not known that the winner matches.
  var isUndecided = false

  /// What the winner's expression matched of the path.
  var matchedPathLength: Int?
  var isRegexPath = false

  /// Whether server names are not compared (the traditional flavor's second try over plain HTTP).
  var ignoresSNI = false
  let isTraditional: Bool
  let hasStreamRules: Bool

  /// A header of the request led to the place that is being searched.
  var isBelowHeader = false

  /// The budget is spent: whatever was found, something greater may have been missed.
  mutating func giveUp() { self.isUndecided = true }
}

/// Walking the index.
extension RuleIndex {
  /// Offers every rule whose host and path can match.
  func search(_ request: borrowing RequestView, _ state: inout RuleSearch) {
    let host = request.host
    if !host.isEmpty {
      let exact = self.forest.find(host, in: self.exactHosts, lowercased: true)
      if exact != 0 { self.searchHost(exact, request, &state) }
      if self.suffixHostCount > 0 { self.searchSuffixes(request, &state) }
      if self.prefixHostCount > 0 { self.searchPrefixes(request, &state) }
    }
    self.walk(self.anyHost, from: 0, request, &state)
    if state.scratch.budget.isSpent { state.giveUp() }
  }

  @inline(__always)
  private func searchHost(_ node: UInt32, _ request: borrowing RequestView, _ state: inout RuleSearch) {
    let root = self.forest.nodes[node].value
    if root != 0 { self.walk(root, from: 0, request, &state) }
  }

  private func searchPrefixes(_ request: borrowing RequestView, _ state: inout RuleSearch) {
    let host = request.host
    var id = self.hostPrefixes
    var position = 0
    self.searchHost(id, request, &state)
    while position < host.count {
      id = self.forest.child(of: self.forest.nodes[id], byte: host[position].asciiLowercased)
      guard id != 0 else { return }
      let node = self.forest.nodes[id]
      let count = Int(node.labelCount)
      guard host.count &- position >= count else { return }
      for index in 0..<count where node.label[index] != host[position &+ index].asciiLowercased { return }
      position &+= count
      self.searchHost(id, request, &state)
    }
  }

  private func searchSuffixes(_ request: borrowing RequestView, _ state: inout RuleSearch) {
    let host = request.host
    var id = self.hostSuffixes
    var left = host.count
    self.searchHost(id, request, &state)
    while left > 0 {
      id = self.forest.child(of: self.forest.nodes[id], byte: host[left &- 1].asciiLowercased)
      guard id != 0 else { return }
      let node = self.forest.nodes[id]
      let count = Int(node.labelCount)
      guard left >= count else { return }
      for index in 0..<count where node.label[index] != host[left &- 1 &- index].asciiLowercased { return }
      left &-= count
      self.searchHost(id, request, &state)
    }
  }

  /// Follows the path from a node, as far as the tree goes. Recursion is bounded by the wildcards of
  /// one skeleton.
  private func walk(_ start: UInt32, from offset: Int, _ request: borrowing RequestView, _ state: inout RuleSearch) {
    let path = request.path
    var id = start
    var position = offset
    while true {
      let node = self.forest.nodes[id]
      if node.value != 0 { self.consider(RulePlace(raw: node.value), request, &state) }
      if node.rest != 0 {
        guard state.scratch.budget.spend(1) else { return state.giveUp() }
        var next = position
        while next < path.count, path[next] != UInt8(ascii: "/") { next &+= 1 }
        self.walk(node.rest, from: next, request, &state)
      }
      guard position < path.count else { return }
      id = self.forest.child(of: node, byte: path[position])
      guard id != 0 else { return }
      let next = self.forest.nodes[id]
      guard self.forest.follows(next, path, at: position) else { return }
      position &+= Int(next.labelCount)
    }
  }

  /// Tries the rules of one place that outrank the best so far.
  private func consider(_ place: RulePlace, _ request: borrowing RequestView, _ state: inout RuleSearch) {
    if let rule = place.rule {
      _ = self.offer(rule, request, &state)
      return
    }
    let cell = self.cells[place.cell]
    for rule in cell.rules where self.offer(rule, request, &state) { break }
    for branch in cell.branches where !state.scratch.budget.isSpent { self.consider(branch, request, &state) }
  }

  private func consider(
    _ branch: RuleCell.Branch, _ request: borrowing RequestView, _ state: inout RuleSearch
  ) {
    switch branch.kind {
    case .method:
      let node = self.forest.find(request.method, in: branch.root)
      if node != 0 { self.consider(RulePlace(raw: self.forest.nodes[node].value), request, &state) }
    case .sni:
      guard state.details.scheme == .https || state.details.scheme == .tls || (state.isTraditional && !state.ignoresSNI)
      else {
        self.consider(RulePlace(raw: branch.all), request, &state)
        return
      }
      guard let sni = state.details.sni else { return }
      let node = self.forest.find(sni.utf8.span.withoutFinalDot, in: branch.root, lowercased: true)
      if node != 0 { self.consider(RulePlace(raw: self.forest.nodes[node].value), request, &state) }
    case .header(let name):
      let scratch = state.scratch
      let start = scratch.places.count
      scratch.charge(reading: state.details.headerCount)
      state.details.visitHeaderValues(name) { value in
        let node = self.forest.find(value, in: branch.root, lowercased: true)
        if node != 0 { scratch.places.append(self.forest.nodes[node].value) }
        return true
      }
      let wasBelowHeader = state.isBelowHeader
      state.isBelowHeader = true
      while scratch.places.count > start {
        let place = scratch.places.removeLast()
        if place != 0 { self.consider(RulePlace(raw: place), request, &state) }
      }
      state.isBelowHeader = wasBelowHeader
    }
  }

  /// Makes the rule the best so far if it outranks that one and matches. True ends a list in the order
  /// of rank: nothing behind can win.
  @inline(__always)
  private func offer(_ rule: UInt32, _ request: borrowing RequestView, _ state: inout RuleSearch) -> Bool {
    // Most requests meet one rule only, whose rank then nobody reads.
    if let best = state.winner.rule, !(self.ranks[best] < self.ranks[rule]) { return true }
    guard state.scratch.budget.spend(1) else {
      state.winner = RulePlace(rule: rule)
      state.giveUp()
      return true
    }
    let head = self.heads[rule]
    guard head.methods & request.methodBit != 0 else { return false }
    // Asking the rule itself for what is known costs several reads of memory that no other request has read lately.
    let isHeaderMet = state.isBelowHeader && head.checks.contains(.oneHeader)
    let checks = isHeaderMet ? head.checks.subtracting(.headers) : head.checks
    if checks.isDisjoint(with: .detailed), request.methodBit != MethodSet.other, !state.hasStreamRules {
      if state.isRegexPath { state.scratch.clearCaptures() }
      state.isRegexPath = false
      state.matchedPathLength = head.checks.contains(.plainPath) ? Int(head.pathLength) : nil
      state.isUndecided = false
    } else {
      guard let whole = self.rules[rule] else { return false }
      let answer = whole.answer(to: request, &state)
      if answer == .unmet { return false }
      state.isUndecided = answer == .unknown
    }
    state.winner = RulePlace(rule: rule)
    return true
  }
}
