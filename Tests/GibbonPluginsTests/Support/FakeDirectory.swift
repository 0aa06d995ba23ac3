// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonCore
import GibbonModel
import GibbonSchema

@testable import GibbonPluginAPI

/// The credentials of one collection, by the value that they are found by, and consumers.
final class FakeDirectory: CredentialDirectory {
  private final class Index: CredentialIndex {
    let credentials: [String: Credential]
    let isPending: Bool

    init(_ credentials: [String: Credential], isPending: Bool) {
      self.credentials = credentials
      self.isPending = isPending
    }

    func find(_ key: Span<UInt8>) -> CredentialLookup {
      if self.isPending { return .pending { _ in } }
      return self.credentials[key.text].map { .found($0) } ?? .missing
    }
  }

  private let collection: String
  private let known: Index
  private let none = Index([:], isPending: false)
  private let consumers: [Consumer]

  /// - Parameter isPending: whether credentials must be read from the datastore first.
  init(
    _ collection: String = "", _ credentials: [String: Credential] = [:], consumers: [Consumer] = [],
    isPending: Bool = false
  ) {
    self.collection = collection
    self.known = Index(credentials, isPending: isPending)
    self.consumers = consumers
  }

  func index(of entity: String) -> any CredentialIndex { entity == self.collection ? self.known : self.none }

  func consumer(idOrUsername: String) -> Consumer? {
    self.consumers.first { $0.username == idOrUsername || "\($0.id)" == idOrUsername }
  }
}
