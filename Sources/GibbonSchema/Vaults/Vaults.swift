// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

/// The vaults that a node reads secrets from: `env`, which is its environment, and vault entities, which are the
/// environment under a prefix of their own.
public struct Vaults: Sendable, Hashable {
  public var environment: [String: String]
  /// Put before names that `{vault://env/…}` reads.
  public var environmentPrefix: String
  /// Whether `env` may be used: the property `vaults`.
  public var isEnvironmentEnabled: Bool
  /// What vault entities put before names, by the prefix that references name them with.
  public var entityPrefixes: [String: String]

  public init(
    environment: [String: String] = [:], environmentPrefix: String = "", isEnvironmentEnabled: Bool = true,
    entityPrefixes: [String: String] = [:]
  ) {
    self.environment = environment
    self.environmentPrefix = environmentPrefix
    self.isEnvironmentEnabled = isEnvironmentEnabled
    self.entityPrefixes = entityPrefixes
  }

  /// The vault that reads environment variables.
  public static let environmentName = "env"

  /// What a reference stands for.
  ///
  /// - Throws: why it stands for nothing, in Kong's words.
  public func value(of text: String) throws(VaultFault) -> String {
    let reference = try VaultReference(text)
    let prefix = try self.prefix(of: reference)
    let variable = Self.variable(reference, prefix: prefix)
    guard let value = self.environment[variable] else {
      throw Self.failure("no value found", "the environment variable \(variable) is not set")
    }
    guard let key = reference.key else { return value }
    guard case .success(.object(let object)) = JSONParser.parse(value) else {
      throw Self.failure(
        "could not get subfield value: unable to json decode value",
        "the environment variable \(variable) holds no JSON object, which '\(key)' could be a member of")
    }
    switch object[key] {
    case .string(let text): return text
    case let scalar? where scalar.boolValue != nil || scalar.doubleValue != nil: return scalar.description
    case nil:
      throw Self.failure(
        "could not get subfield value: subfield \(key) not found in JSON secret",
        "the object in the environment variable \(variable) has no member '\(key)'")
    default:
      throw Self.failure(
        "could not get subfield value: unexpected value in JSON secret for subfield \(key)",
        "it must be a text or a number")
    }
  }

  private static func failure(_ reason: String, _ explanation: String) -> VaultFault {
    VaultFault("could not get value from external vault (\(reason)): \(explanation)")
  }

  /// A reference's own prefix counts before the vault's; one that could not stand in a configuration counts as none.
  private func prefix(of reference: VaultReference) throws(VaultFault) -> String {
    let own: String
    if reference.vault == Self.environmentName, self.isEnvironmentEnabled {
      own = self.environmentPrefix
    } else if let prefix = self.entityPrefixes[reference.vault], self.isEnvironmentEnabled {
      own = prefix
    } else {
      throw VaultFault("could not find vault (\(reference.vault))")
    }
    guard let given = reference.options["prefix"] else { return own }
    return Self.prefixPattern.matches(given) ? given : ""
  }

  /// What the `prefix` of an `env` vault looks like.
  public static let prefixPattern: LuaPattern = "^[%a_-][%a%d_-]*$"

  /// In upper case, with `_` for `-`; version 2 is the value before the present one.
  private static func variable(_ reference: VaultReference, prefix: String) -> String {
    let name = (prefix + reference.resource).utf8.map { byte -> UInt8 in
      switch byte {
      case UInt8(ascii: "-"): UInt8(ascii: "_")
      case UInt8(ascii: "a")...UInt8(ascii: "z"): byte & 0xDF
      default: byte
      }
    }
    return String(decoding: name, as: UTF8.self) + (reference.version == 2 ? "_PREVIOUS" : "")
  }
}
