// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI

/// `redirect`: sends clients elsewhere.
public final class RedirectPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var statusCode: Int
    var location: String
    var keepIncomingPath: Bool?
  }

  /// The answer, complete unless the location takes the request's path.
  private let answer: LocalResponse
  private let destination: Destination?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.answer = LocalResponse(
      status: UInt16(clamping: configuration.statusCode), headers: [("Location", configuration.location)],
      body: .bytes(ByteBuffer("redirecting")))
    self.destination = configuration.keepIncomingPath == true ? Destination(configuration.location) : nil
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    guard let destination else { return .respond(self.answer) }
    var answer = self.answer
    let request = context.request
    answer.headers = [("Location", destination.location(path: request.path, query: request.rawQuery))]
    return .respond(answer)
  }
}
