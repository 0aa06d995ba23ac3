// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonSchema

/// A table as Lua has it, members and positions side by side: what arguments are gathered in before it is
/// known whether they make an array or an object.
///
/// One thread's, and gone when the arguments are read.
final class ArgumentTable {
  enum Key: Hashable {
    case member(String)
    case position(Int)
  }

  enum Value {
    case leaf(JSONValue)
    case table(ArgumentTable)
  }

  private(set) var keys: [Key] = []
  private var values: [Key: Value] = [:]
  /// Elements from 1 on without a gap.
  private var length = 0

  init() {}

  init(list: [Value]) {
    for value in list { self.append(value) }
  }

  var isList: Bool { self.length == self.keys.count }

  subscript(key: Key) -> Value? { self.values[key] }

  func set(_ key: Key, to value: Value) {
    if self.values.updateValue(value, forKey: key) == nil { self.keys.append(key) }
    while self.values[.position(self.length + 1)] != nil { self.length += 1 }
  }

  func append(_ value: Value) {
    self.set(.position(self.length + 1), to: value)
  }

  /// The table under a key; one is made where there is none.
  func table(at key: Key) -> ArgumentTable {
    if case .table(let table)? = self.values[key] { return table }
    let table = ArgumentTable()
    self.set(key, to: .table(table))
    return table
  }

  /// Adds what another argument says: members are merged, and values for the same place become a list.
  func merge(_ other: Value) {
    guard case .table(let table) = other else {
      self.append(other)
      return
    }
    for key in table.keys {
      guard let added = table[key] else { continue }
      switch self.values[key] {
      case nil:
        self.set(key, to: added)
      case .table(let existing)?:
        existing.merge(added)
      case .leaf(let existing)?:
        // `a=x&a[]=y` is one list. In Kong that depends on the order in which Lua finds the two.
        let list = ArgumentTable(list: [.leaf(existing)])
        if case .table(let more) = added, more.isList {
          for key in more.keys { if let value = more[key] { list.append(value) } }
        } else {
          list.merge(added)
        }
        self.set(key, to: .table(list))
      }
    }
  }

  /// An array where there are only positions from 1 on without a gap; otherwise an object, whose positions are
  /// written as decimal member names, so that it fails where a schema wants an array, as in Kong.
  func json() -> JSONValue {
    guard self.isList else { return .object(self.object()) }
    return .array((1...Swift.max(self.length, 1)).compactMap { self.values[.position($0)].map(Self.json) })
  }

  func object() -> JSONObject {
    var object = JSONObject()
    object.reserveCapacity(self.keys.count)
    for key in self.keys {
      guard let value = self.values[key] else { continue }
      switch key {
      case .member(let name): object[name] = Self.json(of: value)
      case .position(let position): object[String(position)] = Self.json(of: value)
      }
    }
    return object
  }

  private static func json(of value: Value) -> JSONValue {
    switch value {
    case .leaf(let leaf): leaf
    case .table(let table): table.json()
    }
  }
}
