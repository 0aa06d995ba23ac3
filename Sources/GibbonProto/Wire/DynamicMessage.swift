// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A value of one field, or an element of it.
package enum FieldValue: Sendable, Hashable {
  case bool(Bool)
  /// Of 32 or 64 bits.
  case signed(Int64)
  case unsigned(UInt64)
  case float(Float)
  case double(Double)
  case string(String)
  case bytes([UInt8])
  case enumeration(Int32)
  case message(DynamicMessage)
}

/// What a message says of one field.
package enum FieldContent: Sendable, Hashable {
  case single(FieldValue)
  case repeated([FieldValue])
  /// As they came; of equal keys the last one counts.
  case map([Entry])

  package struct Entry: Sendable, Hashable {
    package let key: FieldValue
    package let value: FieldValue
  }
}

/// A message whose type is known at run time only.
package struct DynamicMessage: Sendable, Hashable {
  /// The place of its type in the pool.
  package let type: Int
  /// By the place of the field in the type.
  package private(set) var contents: [Int: FieldContent] = [:]

  /// By oneof, the field that `set` has given a value.
  private var chosen: [Int: Int] = [:]

  package init(type: Int) { self.type = type }

  package subscript(field: Int) -> FieldContent? {
    get { self.contents[field] }
    set { self.contents[field] = newValue }
  }

  /// The value of a field that is there and is not repeated.
  func single(_ field: Int) -> FieldValue? {
    if case .single(let value) = self.contents[field] { value } else { nil }
  }

  /// Sets a value; of a oneof the other fields are gone then.
  mutating func set(_ value: FieldValue, at index: Int, in descriptor: MessageDescriptor) {
    if let oneof = descriptor.fields[index].oneof, let other = self.chosen.updateValue(index, forKey: oneof),
      other != index
    {
      self.contents[other] = nil
    }
    self.contents[index] = .single(value)
  }

  mutating func append(_ value: FieldValue, at index: Int) {
    if case .repeated(var values)? = self.contents.removeValue(forKey: index) {
      values.append(value)
      self.contents[index] = .repeated(values)
    } else {
      self.contents[index] = .repeated([value])
    }
  }

  mutating func append(_ entry: FieldContent.Entry, at index: Int) {
    if case .map(var entries)? = self.contents.removeValue(forKey: index) {
      entries.append(entry)
      self.contents[index] = .map(entries)
    } else {
      self.contents[index] = .map([entry])
    }
  }

  /// Takes a message out, so that it can be added to without a copy.
  mutating func takeMessage(at index: Int) -> DynamicMessage? {
    guard case .single(.message(let message))? = self.contents[index] else { return nil }
    self.contents[index] = nil
    return message
  }
}

/// The work that one conversion may take: small messages can stand for very many values.
package struct ConversionBudget: Sendable {
  /// Values that are left.
  private(set) var values: Int

  package init(values: Int = 1_000_000) { self.values = values }

  /// - Returns: false when nothing is left.
  mutating func take() -> Bool {
    guard self.values > 0 else { return false }
    self.values -= 1
    return true
  }
}
