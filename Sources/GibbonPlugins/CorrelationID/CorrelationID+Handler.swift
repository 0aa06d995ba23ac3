// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI
internal import GibbonSchema
internal import Glibc
internal import Synchronization

/// `correlation-id`: one id for a request and its response, kept when the client brought one.
public final class CorrelationIDPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    enum Generator: String, Decodable, Sendable {
      case uuid
      case counter = "uuid#counter"
      case tracker
    }

    var headerName: String?
    var generator: Generator
    var echoDownstream: Bool
  }

  private let configuration: Configuration
  private let headerName: String
  /// Of this instance; the counter makes each id different.
  private let instanceID = EntityID.random()
  private let counter = Atomic<Int>(0)

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.configuration = configuration
    self.headerName = configuration.headerName ?? "Kong-Request-ID"
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    var id = context.request.header(self.headerName) ?? ""
    if id.isEmpty {
      id = self.makeID(context)
      context.serviceRequest.setHeader(self.headerName, id)
    }
    context.setLogValue("correlation_id", .string(id))
    if self.configuration.echoDownstream { context.pluginValue = id }
    return .next
  }

  public func headerFilter(_ context: RequestContext) throws {
    guard self.configuration.echoDownstream else { return }
    // A request answered before this plugin's access phase has the client's id, or gets its own.
    var id = context.pluginValue as? String ?? context.request.header(self.headerName) ?? ""
    if id.isEmpty { id = self.makeID(context) }
    context.response.setHeader(self.headerName, id)
  }

  private func makeID(_ context: RequestContext) -> String {
    switch self.configuration.generator {
    case .uuid: return "\(EntityID.random())"
    case .counter:
      let count = self.counter.wrappingAdd(1, ordering: .relaxed).newValue
      return "\(self.instanceID)#\(count)"
    case .tracker:
      // Kong: address-port-pid-connection-requests-time; the counter stands for the connection's.
      let count = self.counter.wrappingAdd(1, ordering: .relaxed).newValue
      let address = context.client.peerAddress.map { "\($0)" } ?? "unix"
      let milliseconds = context.startedWallMicroseconds / 1000
      let fraction = String(1000 + milliseconds % 1000).dropFirst()
      return "\(address)-\(context.request.port)-\(getpid())-\(count)-1-\(milliseconds / 1000).\(fraction)"
    }
  }
}
