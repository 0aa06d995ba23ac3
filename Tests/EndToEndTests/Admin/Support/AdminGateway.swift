// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

import GibbonTesting

/// A gateway on a datastore of its own that many tests share. Each makes entities under names that only it uses, and
/// looks at no whole list.
enum AdminGateway {
  private static let started = Result { try GatewayProcess(administered: nil) }

  static func shared() throws -> GatewayProcess { try self.started.get() }

  /// Sends a request to the shared gateway.
  static func send(
    _ method: String, _ target: String, _ body: AdminBody = .none, headers: [(String, String)] = []
  ) throws -> AdminReply {
    try self.shared().admin(method, target, body, headers: headers)
  }

  /// Makes an entity in the shared gateway; its id.
  @discardableResult
  static func make(_ target: String, _ entity: JSON) throws -> String {
    try self.shared().create(target, entity).id
  }
}
