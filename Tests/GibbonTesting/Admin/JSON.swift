// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A JSON value that a test looks into without ceremony: what is not there is `.missing`, and nothing throws.
public enum JSON: Sendable, Hashable {
  case missing
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSON])
  case object([String: JSON])

  /// The member of an object.
  public subscript(name: String) -> JSON {
    if case .object(let members) = self { members[name] ?? .missing } else { .missing }
  }

  /// The element of an array.
  public subscript(index: Int) -> JSON {
    if case .array(let elements) = self, elements.indices.contains(index) { elements[index] } else { .missing }
  }

  public var string: String? { if case .string(let text) = self { text } else { nil } }
  public var bool: Bool? { if case .bool(let flag) = self { flag } else { nil } }
  public var integer: Int? { if case .integer(let number) = self { number } else { nil } }
  public var array: [JSON] { if case .array(let elements) = self { elements } else { [] } }
  public var object: [String: JSON] { if case .object(let members) = self { members } else { [:] } }
  /// The names of an object's members, sorted.
  public var keys: [String] { self.object.keys.sorted() }

  /// A number of either kind.
  public var double: Double? {
    switch self {
    case .integer(let number): Double(number)
    case .number(let number): number
    default: nil
    }
  }

  /// The object with other values for some members.
  public func with(_ members: JSON) -> JSON {
    .object(self.object.merging(members.object) { _, new in new })
  }

  /// The object without some members.
  public func without(_ names: String...) -> JSON {
    .object(self.object.filter { !names.contains($0.key) })
  }
}

extension JSON: ExpressibleByNilLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral,
  ExpressibleByFloatLiteral, ExpressibleByStringInterpolation, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  public init(nilLiteral: ()) { self = .null }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(value) }
  public init(floatLiteral value: Double) { self = .number(value) }
  public init(stringLiteral value: String) { self = .string(value) }
  public init(arrayLiteral elements: JSON...) { self = .array(elements) }
  public init(dictionaryLiteral elements: (String, JSON)...) {
    self = .object(Dictionary(elements) { _, last in last })
  }
}
