// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonCore
public import GibbonSchema

/// A core entity as a Swift type.
public protocol Entity: Sendable {
  /// The collection's name, such as `services`.
  static var collection: String { get }

  var id: EntityID { get }

  /// From an object that the entity's schema has validated; nil where it has not.
  init?(validated object: JSONObject)
}
