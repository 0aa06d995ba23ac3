// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI
internal import GibbonSchema

/// `response-transformer`: changes headers of responses, and members of those that are JSON objects.
public final class ResponseTransformerPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    /// What one of remove, rename, replace, add and append does to each part.
    struct Changes: Decodable, Sendable {
      var json: [String]
      /// Of replace, add and append.
      var jsonTypes: [String]?
      var headers: [String]
    }

    var remove: Changes
    var rename: Changes
    var replace: Changes
    var add: Changes
    var append: Changes
  }

  /// The largest body that is changed: it is held in memory until its end. A larger one is cut off rather than passed
  /// with what was to be taken out of it.
  static let bodyLimitBytes = 8 * 1024 * 1024

  /// The largest body that is changed on the event loop; others are left to a helper thread.
  static let loopBytes = 8 * 1024

  private let headers: ResponseHeaderTransform
  private let json: ResponseJSONTransform

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.headers = ResponseHeaderTransform(configuration)
    self.json = ResponseJSONTransform(configuration)
  }

  public func headerFilter(_ context: RequestContext) throws { self.headers.apply(to: context.response) }

  public func filtersBody(_ context: RequestContext) -> Bool {
    guard !self.json.isEmpty, let type = context.response.header("Content-Type") else { return false }
    return MediaType.isJSON(type)
  }

  public func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {
    guard let body = self.gather(context, &part), !part.isRefused else { return }
    let json = self.json
    guard body.count <= Self.loopBytes else { return part.makeElsewhere { Self.changed(body, by: json) } }
    let outcome = Self.changed(body, by: json)
    if let warning = outcome.warning { context.warn(warning) }
    if let bytes = outcome.bytes { part.bytes = bytes } else { part.refuse() }
  }

  private static func changed(_ body: ByteBuffer, by json: ResponseJSONTransform) -> BodyPart.Outcome {
    guard let changed = json.apply(to: body.span.array) else {
      return BodyPart.Outcome(
        bytes: body, warning: "[response-transformer] body transform failed: failed parsing json body")
    }
    return BodyPart.Outcome(bytes: ByteBuffer(changed))
  }

  /// The whole body, once its end is there; until then nothing goes on.
  private func gather(_ context: RequestContext, _ part: inout BodyPart) -> ByteBuffer? {
    var gathered = context.pluginValue as? ByteBuffer ?? ByteBuffer()
    // No second reference to the bytes, which would copy them for every part.
    context.pluginValue = nil
    guard gathered.count + part.bytes.count <= Self.bodyLimitBytes else {
      context.warn("[response-transformer] the response body is larger than \(Self.bodyLimitBytes) bytes")
      part.bytes = ByteBuffer()
      part.refuse()
      return nil
    }
    if gathered.isEmpty { gathered = part.bytes } else { gathered.append(part.bytes.span) }
    part.bytes = ByteBuffer()
    if part.isLast { return gathered }
    context.pluginValue = gathered
    return nil
  }
}
