// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonModel
public import GibbonPluginAPI

/// `request-termination`: answers every request, or those that carry a trigger, itself.
public final class RequestTerminationPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var statusCode: Int
    var message: String?
    var contentType: String?
    var body: String?
    var echo: Bool
    var trigger: String?
  }

  let configuration: Configuration
  let status: UInt16
  let nodeID: EntityID

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.configuration = configuration
    self.status = UInt16(clamping: configuration.statusCode)
    self.nodeID = environment.nodeID
  }

  public var wantsRequestBody: Bool { self.configuration.echo }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    if let trigger = self.configuration.trigger {
      let isTriggered =
        context.request.header(trigger) != nil || !context.request.queryArguments(trigger).isEmpty
      if !isTriggered { return .next }
    }
    if self.configuration.echo { return .respond(.json(status: self.status, self.echo(context))) }
    if let body = self.configuration.body {
      // What nginx says of a body that nobody named a type of.
      let type = self.configuration.contentType ?? "text/plain; charset=UTF-8"
      return .respond(
        LocalResponse(status: self.status, headers: [("Content-Type", type)], body: .bytes(ByteBuffer(body))))
    }
    guard let message = self.configuration.message ?? Self.usualMessages[self.status] else {
      return .respond(LocalResponse(status: self.status))
    }
    return .respond(.message(status: self.status, message))
  }

  static let usualMessages: [UInt16: String] = [
    401: "Unauthorized", 404: "Not found", 405: "Method not allowed", 500: "An unexpected error occurred",
    502: "Bad Gateway", 503: "Service unavailable",
  ]
}
