// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// Values by name and type, defaults included. Everything was checked before; what cannot be read is absent.
struct SettingReader {
  let given: [String: GivenValue]

  func text(_ name: String) -> String? {
    self.given[name]?.text ?? PropertyTable.property(named: name)?.defaultText
  }

  func flag(_ name: String) -> Bool { self.text(name).flatMap(Scalars.flag) ?? false }

  func integer(_ name: String) -> Int { self.optionalInteger(name) ?? 0 }

  func optionalInteger(_ name: String) -> Int? { self.text(name).flatMap { Int($0) } }

  /// Seconds, with a fraction or without.
  func seconds(_ name: String) -> Duration? {
    self.text(name).flatMap(Scalars.number).map { .milliseconds(Int64($0 * 1000)) }
  }

  func choice<C: RawRepresentable>(_ name: String) -> C? where C.RawValue == String {
    self.text(name).flatMap { C(rawValue: $0) }
  }

  func list(_ name: String) -> [String] { self.text(name).map { ListText.items($0) } ?? [] }

  func size(_ name: String) -> ByteSize {
    self.parsed(name) { (text) throws(ValueFault) in try ByteSize(parsing: text) } ?? ByteSize(bytes: 0)
  }

  func duration(_ name: String) -> Duration {
    self.parsed(name) { (text) throws(ValueFault) in try TimeText.duration(text) } ?? .zero
  }

  func listeners(_ name: String, kind: Listener.Kind = .http) -> [Listener] {
    self.parsed(name) { (text) throws(ValueFault) in try Listener.list(text, kind: kind) } ?? []
  }

  func parsed<Value>(_ name: String, _ parse: (String) throws(ValueFault) -> Value?) -> Value? {
    guard let text = self.text(name) else { return nil }
    do throws(ValueFault) {
      return try parse(text)
    } catch {
      // Already reported by the type's check.
      return nil
    }
  }
}
