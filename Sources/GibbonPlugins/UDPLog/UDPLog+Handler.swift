// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI

/// `udp-log`: a datagram of JSON for each request.
public final class UDPLogPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var host: String
    var port: Int
    var timeout: Double?
    var customFieldsByLua: [String: String]?
  }

  private let fields: CustomFields
  private let queue: BatchQueue

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.fields = CustomFields(configuration.customFieldsByLua)
    let sender = UDPSender(LogTarget(host: configuration.host, port: configuration.port))
    self.queue = BatchQueue(.direct, environment: environment, release: { await sender.close() }) { batch in
      try await sender.send(batch)
    }
  }

  public func log(_ context: RequestContext) throws { self.queue.enqueue(self.fields.line(context)) }
}
