// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI
internal import GibbonProto

/// `grpc-gateway`: requests with JSON become calls of gRPC, by the `google.api.http` options of a `.proto` file.
public final class GRPCGatewayPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var proto: String?
  }

  private let pool: DescriptorPool?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.pool = try configuration.proto.map { path throws(ProtoError) in try ProtoFiles.load(path) }
    if let path = configuration.proto, self.pool?.rules.isEmpty == true {
      environment.report(.warn, "no method in \(path) has a google.api.http option: every request is answered with 400")
    }
  }

  public var wantsRequestBody: Bool { self.pool != nil }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let request = context.request
    if request.isMethod("OPTIONS") { return .respond(self.preflight(request)) }
    guard let pool else {
      return .respond(.text(400, "transcoding requests require a .proto file defining the service"))
    }
    switch pool.rules.match(method: request.method, path: request.path) {
    case .unknownMethod:
      return self.refuse(context, "failed to transcode .proto file Unknown method \"\(request.method)\"")
    case .unknownPath: return self.refuse(context, "failed to transcode .proto file Unknown path \"\(request.path)\"")
    case .found(let rule, let values): return self.call(rule, values, context, pool)
    }
  }

  private func call(
    _ rule: HTTPRule, _ values: [String], _ context: RequestContext, _ pool: DescriptorPool
  ) -> PhaseAction {
    guard let body = context.request.body else {
      return .respond(.text(413, "the request body is too large to be converted"))
    }
    let query = context.serviceRequest.withRawQueryBytes { FormText.arguments($0.array) }
    let message: [UInt8]
    do {
      message = try RequestTranscoder(pool).message(for: rule, values: values, query: query, body: body.span.array)
    } catch {
      return self.refuse(context, error.message)
    }
    let service = context.serviceRequest
    service.becomeGRPC(contentType: "application/grpc", body: MessageFrames.frame(message), isConverted: true)
    service.setPath(rule.call.path)
    service.setRawQuery("")
    let type = AnswerType(pool: pool, message: rule.call.output, field: rule.responseField)
    context.pluginValue = JSONAnswer(type, isStream: rule.call.isServerStreaming, plugin: "grpc-gateway")
    return .next
  }

  private func refuse(_ context: RequestContext, _ reason: String) -> PhaseAction {
    context.warn("[grpc-gateway] \(reason)")
    return .respond(.text(400, reason))
  }

  // MARK: Responses

  /// Also where another plugin or the gateway answers: browsers show pages no error otherwise. What the cors plugin
  /// says of origins goes first.
  public func headerFilter(_ context: RequestContext) throws {
    if context.response.header("Access-Control-Allow-Origin") == nil {
      context.response.setHeader("Access-Control-Allow-Origin", "*")
    }
    guard let answer = context.pluginValue as? JSONAnswer else { return }
    if context.response.source == .service {
      if answer.begin(context.response) { return }
      context.warn("[grpc-gateway] the service's response is none of gRPC, and passes as it is")
    }
    context.pluginValue = nil
  }

  public func filtersBody(_ context: RequestContext) -> Bool { context.pluginValue is JSONAnswer }

  public func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {
    guard var answer = context.pluginValue as? JSONAnswer else { return }
    // No second reference to the bytes, which would copy them for every part.
    context.pluginValue = nil
    answer.filter(context, part: &part)
    context.pluginValue = answer
  }

  private static let methods = ["GET", "POST", "PATCH", "DELETE"]

  /// Kong's answer, with the fields and the method that the browser asks for.
  private func preflight(_ request: RequestView) -> LocalResponse {
    var methods = Self.methods
    if let asked = request.header("Access-Control-Request-Method"), asked.isSame(as: "PUT") { methods.append("PUT") }
    return LocalResponse(
      status: 200,
      headers: [
        ("Content-Type", "application/json"), ("Access-Control-Allow-Methods", methods.joined(separator: ",")),
        ("Access-Control-Allow-Headers", request.header("Access-Control-Request-Headers") ?? "content-type"),
      ], body: .bytes(ByteBuffer("OK")))
  }
}
