// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// Reads the fields of a validated object into Swift types.
///
/// Fields read in the order of the schema cost one comparison each: the search starts where the last one
/// ended.
public struct FieldReader {
  private let object: JSONObject
  private var next = 0

  public init(_ object: JSONObject) {
    self.object = object
  }

  /// The member's value; nil when it is absent or null.
  public mutating func value(_ name: String) -> JSONValue? {
    let members = self.object.members
    for step in 0..<members.count {
      let place = self.next + step < members.count ? self.next + step : self.next + step - members.count
      if members[place].key == name {
        self.next = place + 1 == members.count ? 0 : place + 1
        return members[place].value.isNull ? nil : members[place].value
      }
    }
    return nil
  }

  /// Fields that have a value which is not what was asked for, times excepted.
  public private(set) var damaged: Set<String> = []

  /// The member's value as another type, nil when it is absent or null; anything else is damage.
  private mutating func typed<Value>(_ name: String, _ convert: (JSONValue) -> Value?) -> Value? {
    guard let value = self.value(name) else { return nil }
    if let converted = convert(value) { return converted }
    // Nothing is decided by a time, and Kong's own were not always whole numbers.
    if name != "created_at", name != "updated_at" { self.damaged.insert(name) }
    return nil
  }

  public mutating func string(_ name: String) -> String? { self.typed(name, \.stringValue) }
  public mutating func int(_ name: String) -> Int? { self.typed(name, \.intValue) }
  public mutating func double(_ name: String) -> Double? { self.typed(name, \.doubleValue) }
  public mutating func bool(_ name: String) -> Bool? { self.typed(name, \.boolValue) }

  /// A UUID.
  public mutating func id(_ name: String) -> EntityID? {
    self.typed(name) { $0.stringValue.flatMap { EntityID(uuid: $0) } }
  }

  /// The id of a foreign field.
  public mutating func reference(_ name: String) -> EntityID? {
    self.typed(name) { $0["id"]?.stringValue.flatMap { EntityID(uuid: $0) } }
  }

  /// The elements of an array or set; none when it is null.
  public mutating func array(_ name: String) -> [JSONValue] { self.typed(name, \.arrayValue) ?? [] }
  public mutating func strings(_ name: String) -> [String] { self.elements(name, \.stringValue) }
  public mutating func ints(_ name: String) -> [Int] { self.elements(name, \.intValue) }
  public mutating func object(_ name: String) -> JSONObject? { self.typed(name, \.objectValue) }

  private mutating func elements<Value>(_ name: String, _ convert: (JSONValue) -> Value?) -> [Value] {
    let array = self.array(name)
    let values = array.compactMap(convert)
    if values.count != array.count { self.damaged.insert(name) }
    return values
  }

  public mutating func option<Option: RawRepresentable<String>>(_ name: String) -> Option? {
    self.typed(name) { $0.stringValue.flatMap { Option(rawValue: $0) } }
  }

  public mutating func options<Option: RawRepresentable<String>>(_ name: String) -> [Option] {
    self.elements(name) { $0.stringValue.flatMap { Option(rawValue: $0) } }
  }

  /// Header names with their values.
  public mutating func headers(_ name: String) -> [HeaderValues] {
    (self.object(name) ?? [:]).map { member in
      HeaderValues(name: member.key, values: (member.value.arrayValue ?? []).compactMap(\.stringValue))
    }
  }
}

/// A header's name with some values.
public struct HeaderValues: Sendable, Hashable {
  public var name: String
  public var values: [String]

  public init(name: String, values: [String]) {
    self.name = name
    self.values = values
  }
}
