// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonSchema

/// A value that a plugin gives to the logs of a request (`kong.log.set_serialize_value`).
struct LogValue: Sendable {
  /// Names with dots between them.
  let path: String
  /// nil removes what is there.
  let value: JSONValue?
  let mode: LogValueMode

  /// Names an object on the way that is none: such a value is left out.
  func apply(to object: inout JSONObject) { self.apply(to: &object, Self.names(of: self.path)[...]) }

  private func apply(to object: inout JSONObject, _ path: ArraySlice<String>) {
    guard let key = path.first else { return }
    let rest = path.dropFirst()
    if rest.isEmpty { return self.put(in: &object, key) }
    var child: JSONObject
    switch object[key] {
    case .object(let found)?: child = found
    case nil where self.mode != .replace: child = JSONObject()
    default: return
    }
    self.apply(to: &child, rest)
    object[key] = .object(child)
  }

  private func put(in object: inout JSONObject, _ key: String) {
    switch self.mode {
    case .set: object[key] = self.value
    case .add: if object[key] == nil { object[key] = self.value }
    case .replace: if object[key] != nil { object[key] = self.value }
    }
  }

  /// A dot at the beginning is part of the name, as in Kong.
  private static func names(of text: String) -> [String] {
    guard let first = text.first else { return [] }
    var parts = text.dropFirst().split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    parts[0] = String(first) + parts[0]
    return parts
  }
}

/// When a value of a log is written.
public enum LogValueMode: Sendable {
  /// In any case.
  case set
  /// Only where there is none.
  case add
  /// Only where there is one.
  case replace
}

extension RequestContext {
  /// Values kept for one request at most; more are left out.
  private static let logValueLimit = 256

  /// Gives a value to every log of this request.
  ///
  /// - Parameters:
  ///   - path: names with dots between them; objects on the way are made.
  ///   - value: nil removes what is there.
  public func setLogValue(_ path: String, _ value: JSONValue?, mode: LogValueMode = .set) {
    guard !path.isEmpty, self.logValues.count < Self.logValueLimit else { return }
    self.logValues.append(LogValue(path: path, value: value, mode: mode))
  }
}
