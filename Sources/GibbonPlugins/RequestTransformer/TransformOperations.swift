// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// What is done to the headers, the query or the body of every request, in this order: remove, rename, replace, add,
/// append. Read once.
struct TransformOperations: Sendable {
  private struct Entry: Sendable {
    let name: String
    let value: Template?
  }

  private let remove: [String]
  private let rename: [Entry]
  private let replace: [Entry]
  private let add: [Entry]
  private let append: [Entry]
  /// The values, where they are the same for every request.
  private let constant: RenderedOperations?

  /// The entries of one part of the message, from each of the five records.
  struct Entries {
    var remove: [String]
    var rename: [String]
    var replace: [String]
    var add: [String]
    var append: [String]
  }

  init(_ entries: Entries) throws(TemplateError) {
    self.remove = entries.remove.map { NamedValue($0).name }
    self.rename = try Self.entries(entries.rename)
    self.replace = try Self.entries(entries.replace)
    self.add = try Self.entries(entries.add)
    self.append = try Self.entries(entries.append)
    let all = [self.rename, self.replace, self.add, self.append]
    let isConstant = all.allSatisfy { $0.allSatisfy { $0.value.map { $0.constant != nil } ?? true } }
    func pairs(_ entries: [Entry]) -> [RenderedOperations.Pair] {
      entries.map { RenderedOperations.Pair(name: $0.name, value: $0.value?.constant) }
    }
    self.constant =
      isConstant
      ? RenderedOperations(
        remove: self.remove, rename: pairs(self.rename), replace: pairs(self.replace), add: pairs(self.add),
        append: pairs(self.append)) : nil
  }

  private static func entries(_ texts: [String]) throws(TemplateError) -> [Entry] {
    var entries: [Entry] = []
    for text in texts {
      let pair = NamedValue(text)
      var template: Template?
      if let value = pair.value { template = try Template(value) }
      entries.append(Entry(name: pair.name, value: template))
    }
    return entries
  }

  var isEmpty: Bool {
    self.remove.isEmpty && [self.rename, self.replace, self.add, self.append].allSatisfy(\.isEmpty)
  }

  /// Templates among the values that make no text here, being Lua.
  var unsupported: [String] {
    [self.rename, self.replace, self.add, self.append].joined().compactMap { $0.value?.unsupported }
  }

  /// Everything the values name.
  var references: [TemplateReference] {
    [self.rename, self.replace, self.add, self.append].joined().flatMap { $0.value?.references ?? [] }
  }

  /// With the values they have for this request.
  func rendered(in scope: inout TemplateScope) throws(TemplateError) -> RenderedOperations {
    if let constant { return constant }
    return RenderedOperations(
      remove: self.remove, rename: try Self.rendered(self.rename, &scope),
      replace: try Self.rendered(self.replace, &scope), add: try Self.rendered(self.add, &scope),
      append: try Self.rendered(self.append, &scope))
  }

  private static func rendered(
    _ entries: [Entry], _ scope: inout TemplateScope
  ) throws(TemplateError) -> [RenderedOperations.Pair] {
    var pairs: [RenderedOperations.Pair] = []
    pairs.reserveCapacity(entries.count)
    for entry in entries {
      var value: String?
      if let template = entry.value { value = try template.render(&scope) }
      pairs.append(RenderedOperations.Pair(name: entry.name, value: value))
    }
    return pairs
  }
}
