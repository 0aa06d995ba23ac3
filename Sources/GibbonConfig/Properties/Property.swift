// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// One property of the configuration: everything that is known about it, in one place.
///
/// Reading, checking, the reference page, the commented default file and the redacted listing all
/// come from these rows.
public struct Property: Sendable {
  /// The name in the file; `GIBBON_` and the upper-cased name is its environment variable.
  public let name: String
  public let type: PropertyType
  /// As it would be written in the file; nil when the property is unset unless given.
  public let defaultText: String?
  public let status: Status
  /// What it is for, in Markdown.
  public let text: String
  /// Its value is shown as `******`.
  public private(set) var isSensitive = false
  /// Kong keeps it only for old files.
  public private(set) var isDeprecated = false
  /// Properties that take this one's value unless they are given themselves.
  public private(set) var feeds: [String] = []
  /// What the value `NONE`, which removes an nginx directive, leaves in force: nginx's own default.
  public private(set) var valueWhenRemoved: String?

  /// What giving the property does in this version.
  public enum Status: Sendable, Hashable {
    /// It has its documented effect.
    case supported
    /// It is read, checked and kept; it has no effect here, for the reason given.
    case accepted(String)
    /// It is read, checked and kept; its effect arrives with the named part of Gibbon.
    case notYet(String)
  }

  init(_ name: String, _ type: PropertyType, _ defaultText: String?, _ status: Status, _ text: String) {
    self.name = name
    self.type = type
    self.defaultText = defaultText
    self.status = status
    self.text = text
  }

  init(_ name: String, _ type: PropertyType, _ defaultText: String, _ text: String) {
    self.init(name, type, defaultText, .supported, text)
  }

  init(_ name: String, _ type: PropertyType, _ text: String) {
    self.init(name, type, nil, .supported, text)
  }

  init(_ name: String, _ type: PropertyType, _ status: Status, _ text: String) {
    self.init(name, type, nil, status, text)
  }

  var sensitive: Property {
    var copy = self
    copy.isSensitive = true
    return copy
  }

  var deprecated: Property {
    var copy = self
    copy.isDeprecated = true
    return copy
  }

  func feeding(_ names: String...) -> Property {
    var copy = self
    copy.feeds = names
    return copy
  }

  func removable(leaving value: String) -> Property {
    var copy = self
    copy.valueWhenRemoved = value
    return copy
  }
}

extension Property {
  public var isSupported: Bool { self.status == .supported }

  /// The environment variable that sets it.
  public var environmentName: String { "GIBBON_" + self.name.uppercased() }

  /// The value as it may be shown to a person.
  public func shown(_ value: String) -> String { self.isSensitive ? Property.redaction : value }

  public static let redaction = "******"
}
