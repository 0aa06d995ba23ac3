// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore

/// Keeping the rules of one place.
extension RuleIndex {
  /// The place with one more rule. `level` counts the discriminators already used on the way.
  mutating func insert(_ rule: UInt32, in place: RulePlace, level: UInt8) -> RulePlace {
    guard !place.isEmpty else { return RulePlace(rule: rule) }
    let number: UInt32
    if let first = place.rule {
      number = self.makeCell(RuleCell(rules: [first], level: level))
    } else {
      number = place.cell
    }
    if self.cells[number].isDivided {
      self.insertDivided(rule, in: number)
    } else {
      self.insertInOrder(rule, in: number)
      if self.cells[number].rules.count > RuleCell.listLimit { self.divide(number) }
    }
    return RulePlace(cell: number)
  }

  /// The place without the rule.
  mutating func remove(_ rule: UInt32, from place: RulePlace) -> RulePlace {
    guard !place.isEmpty else { return place }
    if let only = place.rule { return only == rule ? .empty : place }
    let number = place.cell
    if let index = self.position(of: rule, in: number) {
      self.cells[number].rules.remove(at: index)
    } else {
      self.removeDivided(rule, from: number)
    }
    guard self.cells[number].rules.isEmpty, self.cells[number].branches.isEmpty else { return place }
    self.freeCell(number)
    return .empty
  }

  /// The index in a cell's list of the first rule that does not outrank `rank`.
  private func lowerBound(_ rank: RuleRank, in number: UInt32) -> Int {
    let rules = self.cells[number].rules
    var low = 0
    var high = rules.count
    while low < high {
      let middle = (low + high) / 2
      if rank < self.ranks[rules[middle]] { low = middle + 1 } else { high = middle }
    }
    return low
  }

  private func position(of rule: UInt32, in number: UInt32) -> Int? {
    var index = self.lowerBound(self.ranks[rule], in: number)
    let rules = self.cells[number].rules
    while index < rules.count, !(self.ranks[rules[index]] < self.ranks[rule]) {
      if rules[index] == rule { return index }
      index += 1
    }
    return nil
  }

  private mutating func insertInOrder(_ rule: UInt32, in number: UInt32) {
    let index = self.lowerBound(self.ranks[rule], in: number)
    self.cells[number].rules.insert(rule, at: index)
  }

  private func discriminator(of rule: UInt32, level: UInt8) -> Discriminator? {
    let all = self.rules[rule]?.parts.discriminators ?? []
    return Int(level) < all.count ? all[Int(level)] : nil
  }

  private mutating func divide(_ number: UInt32) {
    let level = self.cells[number].level
    let members = self.cells[number].rules
    guard members.contains(where: { self.discriminator(of: $0, level: level) != nil }) else { return }
    self.cells[number].isDivided = true
    self.cells[number].rules = []
    for rule in members { self.insertDivided(rule, in: number) }
  }

  private mutating func insertDivided(_ rule: UInt32, in number: UInt32) {
    let level = self.cells[number].level
    guard let discriminator = self.discriminator(of: rule, level: level) else {
      self.insertInOrder(rule, in: number)
      return
    }
    let index = self.branch(for: discriminator, in: number)
    let root = self.cells[number].branches[index].root
    for key in discriminator.keys {
      let node = self.forest.insert(key, from: root)
      let place = RulePlace(raw: self.forest.nodes[node].value)
      let changed = self.insert(rule, in: place, level: level + 1)
      self.forest.nodes[node].value = changed.raw
    }
    if case .sni = discriminator {
      let all = RulePlace(raw: self.cells[number].branches[index].all)
      self.cells[number].branches[index].all = self.insert(rule, in: all, level: .max).raw
    }
    self.cells[number].branches[index].count += 1
  }

  private mutating func removeDivided(_ rule: UInt32, from number: UInt32) {
    let level = self.cells[number].level
    guard let discriminator = self.discriminator(of: rule, level: level) else { return }
    let kind = discriminator.branchKind
    guard let index = self.cells[number].branches.firstIndex(where: { $0.kind == kind }) else { return }
    let root = self.cells[number].branches[index].root
    for key in discriminator.keys {
      let node = self.forest.find(key.span, in: root)
      guard node != 0 else { continue }
      let changed = self.remove(rule, from: RulePlace(raw: self.forest.nodes[node].value))
      self.forest.nodes[node].value = changed.raw
      self.forest.prune([.literal(key)], from: root)
    }
    let all = RulePlace(raw: self.cells[number].branches[index].all)
    self.cells[number].branches[index].all = self.remove(rule, from: all).raw
    self.cells[number].branches[index].count -= 1
    guard self.cells[number].branches[index].count == 0 else { return }
    self.forest.removeRoot(root)
    self.cells[number].branches.remove(at: index)
  }

  private mutating func branch(for discriminator: Discriminator, in number: UInt32) -> Int {
    let kind = discriminator.branchKind
    if let index = self.cells[number].branches.firstIndex(where: { $0.kind == kind }) { return index }
    let root = self.forest.makeRoot()
    self.cells[number].branches.append(RuleCell.Branch(kind: kind, root: root))
    return self.cells[number].branches.count - 1
  }
}

extension Discriminator {
  var branchKind: RuleCell.Branch.Kind {
    switch self {
    case .header(let name, _): .header(name)
    case .sni: .sni
    case .methods: .method
    }
  }
}
