// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import HummingbirdCore
internal import Logging
internal import NIOCore

/// What is done with each connection that a server accepts.
struct AdminChannel: ServerChildChannel {
  struct Value: ServerChildChannelValue {
    let channel: any Channel
  }

  let service: AdminService
  let limits: ServerLimits
  let budget: BodyBudget
  let table: ConnectionTable
  /// Whether the address is open to other machines too.
  let isOpen: Bool
  /// nil: without TLS.
  let tls: AdminTLS?

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      let connection = AdminConnection(self.service, self.limits, self.budget, self.table, isOpen: self.isOpen)
      if let tls = self.tls { try channel.pipeline.syncOperations.addHandler(tls.handler()) }
      try channel.pipeline.syncOperations.addHandler(connection)
      return Value(channel: channel)
    }
  }

  /// All the work is the handler's.
  func handle(value: Value, logger: Logger) async {
    try? await value.channel.closeFuture.get()
  }
}

extension SocketAddress {
  var isLoopback: Bool { self.ipAddress.flatMap { IPAddress($0) }?.isLoopback ?? false }
}
