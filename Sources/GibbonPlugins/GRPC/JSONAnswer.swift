// SPDX-License-Identifier: Apache-2.0
// SPDX-FileCopyrightText: the Gibbon authors

internal import GibbonCore
internal import GibbonPluginAPI
internal import GibbonProto
internal import GibbonSchema

/// What a method answers, as JSON.
struct AnswerType: Sendable {
  let pool: DescriptorPool
  /// The place of the message in the pool.
  let message: Int
  /// The field that is the response; nil for all of it.
  var field: Int?

  /// A message as compact JSON, or why it is none.
  func json(_ bytes: [UInt8]) -> Result<[UInt8], TranscodingError> {
    do {
      let message = try MessageDecoder.decode(bytes, as: self.message, in: self.pool)
      let json =
        if let field { try MessageToJSON.convert(field: field, of: message, in: self.pool) } else {
          try MessageToJSON.convert(message, in: self.pool)
        }
      return .success(json.serialized())
    } catch let error as TranscodingError {
      return .failure(error)
    } catch {
      return .failure(TranscodingError("\(error)"))
    }
  }

  func json(_ frame: MessageFrames.Frame) -> Result<[UInt8], TranscodingError> {
    // The service was not told of any way to compress.
    if frame.isCompressed { return .failure(TranscodingError("the message is compressed")) }
    return self.json(frame.payload)
  }
}

/// A response for a client that knows nothing of gRPC: one JSON text, or a line of JSON for each message of a stream.
/// An error of the service is a JSON text too, with the HTTP status that stands for it.
struct JSONAnswer: Sendable {
  /// The largest message that is converted on the event loop; others are left to a helper thread.
  static let loopBytes = 16 * 1024

  private let type: AnswerType
  private let isStream: Bool
  private let plugin: String
  private var frames = MessageFrames()
  /// The one message of a call that is no stream.
  private var message: MessageFrames.Frame?
  private var hasSentLines = false
  private var failure: String?

  /// - Parameter plugin: the name that lines of the error log begin with.
  init(_ type: AnswerType, isStream: Bool, plugin: String) {
    self.type = type
    self.isStream = isStream
    self.plugin = plugin
  }

  /// Readies the head of the service's response; false where it is none of gRPC, and passes as it is.
  func begin(_ response: ResponseView) -> Bool {
    guard GRPCType.isGRPC(response.header("Content-Type")) else { return false }
    response.setHeader("Content-Type", "application/json")
    for name in ["grpc-encoding", "grpc-accept-encoding"] { response.clearHeader(name) }
    if let status = GRPCStatus({ response.header($0) }) { response.setStatus(status.httpStatus) }
    response.holdHead()
    return true
  }

  mutating func filter(_ context: RequestContext, part: inout BodyPart) {
    self.frames.append(part.bytes)
    part.bytes = ByteBuffer(self.lines())
    guard part.isLast else { return }
    let status = GRPCStatus.atEnd(of: context.response)
    context.response.setTrailers([])
    if self.frames.pending > 0, self.failure == nil { self.failure = "the last message is cut off" }
    if self.isStream { self.endStream(context, &part, status) } else { self.end(context, &part, status) }
  }

  /// The messages that are whole now, as lines; of a call that is no stream, nothing before its end.
  private mutating func lines() -> [UInt8] {
    var output: [UInt8] = []
    while self.failure == nil {
      let frame: MessageFrames.Frame
      do {
        guard let next = try self.frames.next() else { break }
        frame = next
      } catch {
        self.failure = "a message is larger than \(MessageFrames.messageLimit) bytes"
        break
      }
      guard self.isStream else {
        if self.message != nil { self.failure = "the service sent several messages" }
        self.message = frame
        continue
      }
      switch self.type.json(frame) {
      case .success(let json): output += json + [.lineFeed]
      case .failure(let error): self.failure = error.message
      }
    }
    // What comes after a failure is not looked at.
    if self.failure != nil { self.frames = MessageFrames() }
    if !output.isEmpty { self.hasSentLines = true }
    return output
  }

  // MARK: Ends

  private mutating func end(_ context: RequestContext, _ part: inout BodyPart, _ status: GRPCStatus) {
    if status.code != GRPCStatus.ok { return self.fail(context, &part, status) }
    if self.message == nil, self.failure == nil { self.failure = "the service sent no message" }
    guard self.failure == nil, let message = self.message else {
      return self.fail(context, &part, self.internalError(context))
    }
    context.response.setStatus(200)
    let type = self.type
    if message.payload.count > Self.loopBytes {
      let plugin = self.plugin
      return part.makeElsewhere {
        switch type.json(message) {
        case .success(let json): BodyPart.Outcome(bytes: ByteBuffer(json))
        case .failure(let error): BodyPart.Outcome(bytes: nil, warning: "[\(plugin)] \(error.message)")
        }
      }
    }
    switch type.json(message) {
    case .success(let json): part.bytes = ByteBuffer(json)
    case .failure(let error):
      self.failure = error.message
      self.fail(context, &part, self.internalError(context))
    }
  }

  /// After the first line the status is sent: an error is one more line then.
  private mutating func endStream(_ context: RequestContext, _ part: inout BodyPart, _ status: GRPCStatus) {
    let status = self.failure == nil || status.code != GRPCStatus.ok ? status : self.internalError(context)
    guard status.code != GRPCStatus.ok else { return }
    guard self.hasSentLines else { return self.fail(context, &part, status) }
    let line = JSONValue.object(["error": self.json(status)]).serialized() + [.lineFeed]
    part.bytes.append(line)
  }

  private func internalError(_ context: RequestContext) -> GRPCStatus {
    let failure = self.failure ?? ""
    let plugin = self.plugin
    context.warn("[\(plugin)] \(failure)")
    return GRPCStatus(GRPCStatus.internalError, "the answer of the service cannot be converted")
  }

  private func fail(_ context: RequestContext, _ part: inout BodyPart, _ status: GRPCStatus) {
    context.response.setStatus(status.httpStatus)
    status.write(to: context.response)
    part.bytes = ByteBuffer(self.json(status).serialized())
  }

  /// `{"code":5,"message":"…"}`, with the `details` of a `google.rpc.Status` where the service gives them.
  private func json(_ status: GRPCStatus) -> JSONValue {
    var object: JSONObject = ["code": .int(Int64(status.code)), "message": .string(status.message)]
    if let details = self.details(of: status) { object["details"] = details }
    return .object(object)
  }

  private func details(of status: GRPCStatus) -> JSONValue? {
    guard let text = status.details, text.utf8.count <= Self.loopBytes, let bytes = Base64.either.decoded(text),
      let type = self.type.pool.message(named: "google.rpc.Status"),
      let index = self.type.pool.messages[type].index(named: "details"),
      let message = try? MessageDecoder.decode(bytes, as: type, in: self.type.pool)
    else { return nil }
    return try? MessageToJSON.convert(field: index, of: message, in: self.type.pool)
  }
}
