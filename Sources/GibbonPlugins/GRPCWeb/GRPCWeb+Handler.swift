// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
public import GibbonPluginAPI
internal import GibbonProto

/// `grpc-web`: lets browsers call services of gRPC, in binary, in base64 or, with a `.proto` file, in JSON.
public final class GRPCWebPlugin: Plugin {
  public struct Configuration: Decodable, Sendable {
    var proto: String?
    var passStrippedPath: Bool?
    var allowOriginHeader: String?
  }

  private let pool: DescriptorPool?
  private let passesStrippedPath: Bool
  private let origin: String?

  public init(configuration: Configuration, environment: PluginEnvironment) throws {
    self.pool = try configuration.proto.map { path throws(ProtoError) in try ProtoFiles.load(path) }
    self.passesStrippedPath = configuration.passStrippedPath ?? false
    self.origin = configuration.allowOriginHeader
  }

  public var wantsRequestBody: Bool { true }

  /// Protobuf in binary goes on as it comes, and so do calls of gRPC itself.
  public func wantsRequestBody(_ context: RequestContext) -> Bool {
    guard let format = Self.format(context.request) else { return false }
    return format.isText || format.isJSON
  }

  private static func format(_ request: RequestView) -> WebFormat? {
    request.header("Content-Type").flatMap { WebFormat(contentType: $0) }
  }

  public func access(_ context: RequestContext) throws -> PhaseAction {
    let request = context.request
    if request.isMethod("OPTIONS") { return .respond(Self.preflight(request)) }
    var path = request.path
    if self.passesStrippedPath {
      path = context.serviceRequest.routedPath
      context.serviceRequest.setPath(path)
    }
    if GRPCType.isGRPC(request.header("Content-Type")) { return .next }
    guard let format = Self.format(request) else {
      return self.refuse(context, 400, "transcoding requests require a .proto file defining the service")
    }
    guard format.isJSON else { return self.pass(context, format) }
    guard let pool else {
      return self.refuse(context, 400, "transcoding requests require a .proto file defining the service")
    }
    guard let method = pool.method(path: path) else {
      return self.refuse(context, 400, "Unknown path \"\(path)\"")
    }
    return self.convert(context, format, method, pool)
  }

  /// Protobuf stays as it is; only the text around it is taken off.
  private func pass(_ context: RequestContext, _ format: WebFormat) -> PhaseAction {
    var body: [UInt8]?
    if format.isText {
      guard let text = context.request.body else { return self.tooLarge(context) }
      guard let bytes = WebText.decoded(text.span.array) else {
        return self.refuse(context, 400, "the request body is not valid base64")
      }
      body = bytes
    }
    context.serviceRequest.becomeGRPC(contentType: format.serviceType, body: body, isConverted: false)
    context.pluginValue = WebAnswer(format)
    return .next
  }

  private func convert(
    _ context: RequestContext, _ format: WebFormat, _ method: MethodDescriptor, _ pool: DescriptorPool
  ) -> PhaseAction {
    guard let body = context.request.body else { return self.tooLarge(context) }
    let message: [UInt8]
    do {
      let json = try WebRequest.json(body, format)
      message = try RequestTranscoder(pool).message(of: method.input, body: json)
    } catch {
      return self.refuse(context, 400, error.message)
    }
    context.serviceRequest.becomeGRPC(
      contentType: format.serviceType, body: MessageFrames.frame(message), isConverted: true)
    let type = AnswerType(pool: pool, message: method.output)
    context.pluginValue =
      format.isFramed
      ? WebAnswer(format, converting: type)
      : WebAnswer(format, json: JSONAnswer(type, isStream: method.isServerStreaming, plugin: "grpc-web"))
    return .next
  }

  // MARK: Answers of its own

  private func tooLarge(_ context: RequestContext) -> PhaseAction {
    self.refuse(context, 413, "the request body is too large to be converted")
  }

  private func refuse(_ context: RequestContext, _ status: UInt16, _ reason: String) -> PhaseAction {
    context.warn("[grpc-web] \(reason)")
    let code = status == 413 ? 8 : 3
    return .respond(
      .text(
        status, reason,
        headers: [("grpc-status", "\(code)"), ("grpc-message", GRPCStatus(code, reason).encodedMessage)]))
  }

  /// Kong's answer, with the fields that the browser asks for.
  private static func preflight(_ request: RequestView) -> LocalResponse {
    let asked = request.header("Access-Control-Request-Headers")
    return LocalResponse(
      status: 200,
      headers: [
        ("Content-Type", "application/grpc-web-text+proto"), ("Access-Control-Allow-Methods", "POST"),
        ("Access-Control-Allow-Headers", asked ?? "content-type,x-grpc-web,x-user-agent"),
      ], body: .bytes(ByteBuffer("OK")))
  }

  // MARK: Responses

  /// Also where another plugin or the gateway answers: browsers show pages no error otherwise. What the cors plugin
  /// says of origins goes first.
  public func headerFilter(_ context: RequestContext) throws {
    let response = context.response
    if let origin = self.origin, response.header("Access-Control-Allow-Origin") == nil {
      response.setHeader("Access-Control-Allow-Origin", origin)
    }
    if context.request.isMethod("OPTIONS") { return }
    response.addHeader("Access-Control-Expose-Headers", "grpc-status,grpc-message")
    let answer = context.pluginValue as? WebAnswer
    context.pluginValue = nil
    if context.response.source == .service {
      guard var answer else { return }
      if answer.begin(response) {
        context.pluginValue = answer
        return
      }
      context.warn("[grpc-web] the service's response is none of gRPC, and passes as it is")
    } else if answer == nil, Self.format(context.request)?.isFramed != true {
      return
    }
    if response.header("grpc-status") == nil { GRPCStatus(httpStatus: response.status).write(to: response) }
  }

  public func filtersBody(_ context: RequestContext) -> Bool { context.pluginValue is WebAnswer }

  public func bodyFilter(_ context: RequestContext, part: inout BodyPart) throws {
    guard var answer = context.pluginValue as? WebAnswer else { return }
    // No second reference to the bytes, which would copy them for every part.
    context.pluginValue = nil
    answer.filter(context, part: &part)
    context.pluginValue = answer
  }
}
