// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// A write-only name that stands for one or more fields, such as a service's `url`.
public struct Shorthand: Sendable {
  /// The name and type that are accepted.
  public let field: Field
  /// The fields that the value stands for; nested objects are merged into those of the input.
  public let expansion: @Sendable (JSONValue) -> JSONObject

  /// Of a shorthand that is not deprecated the expansion beats fields given beside it.
  public init(_ field: Field, expansion: @escaping @Sendable (JSONValue) -> JSONObject) {
    self.field = field
    self.expansion = expansion
  }

  /// The old name of a field that moved: `Shorthand.renamed(.string("redis_host"), to: ["redis", "host"])`.
  ///
  /// The new field, where given, beats the old one; giving both with different values is an error.
  ///
  /// - Parameter plugin: whose configuration it is of, for the message.
  public static func renamed(
    _ field: Field, to path: [String], of plugin: String? = nil, removedIn: String = "4.0"
  ) -> Shorthand {
    let target = path.joined(separator: ".")
    let message =
      plugin.map { "\($0): config.\(field.name) is deprecated, please use config.\(target) instead" }
      ?? "\(field.name) is deprecated, please use \(target) instead"
    return Shorthand(field.with(.deprecated(message, removedIn: removedIn, replacement: path))) { value in
      guard !value.isNull else { return [:] }
      var object = JSONObject()
      object.set(value, at: path)
      return object
    }
  }
}
