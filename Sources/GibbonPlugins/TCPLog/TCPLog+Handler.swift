// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

public import GibbonPluginAPI

/// `tcp-log`: a line of JSON to a TCP server for each request.
public final class TCPLogPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var host: String
    var port: Int
    var timeout: Double?
    var keepalive: Double?
    var tls: Bool
    var tlsSNI: String?
    var customFieldsByLua: [String: String]?
  }

  private let fields: CustomFields
  private let queue: BatchQueue

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.fields = CustomFields(configuration.customFieldsByLua)
    let sender = TCPSender(
      LogTarget(
        host: configuration.host, port: configuration.port, timeout: configuration.timeout ?? 10_000,
        keepalive: configuration.keepalive ?? 60_000),
      tls: configuration.tls ? try TCPSender.unverifiedTLS() : nil, serverName: configuration.tlsSNI)
    self.queue = BatchQueue(.direct, environment: environment, release: { await sender.close() }) { batch in
      try await sender.send(Array(batch.joined()))
    }
  }

  public func log(_ context: RequestContext) throws {
    self.queue.enqueue(self.fields.line(context) + [UInt8(ascii: "\n")])
  }
}
